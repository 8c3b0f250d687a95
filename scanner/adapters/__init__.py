"""Everything that leaves the process, each behind a port of `scanner.model.ports`."""
