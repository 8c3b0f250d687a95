"""What `snowfence diff` answers: two locks side by side, the verdicts on what has changed, and a writer for each format."""
