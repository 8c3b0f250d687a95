"""What `snowfence inputs` answers: the tables of locked inputs, and a writer for each format."""
