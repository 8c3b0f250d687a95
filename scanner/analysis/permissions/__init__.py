"""What the token of a job is needed for, and who keeps it."""
