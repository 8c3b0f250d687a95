"""What `snowfence exposure` answers: who can start each job, what it holds, and what of theirs gets there; a writer for each format."""
