"""The face: argv, clock, terminal, files and exit codes; one file per subcommand."""
