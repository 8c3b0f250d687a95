"""What an outsider can do: who starts a run, what it holds, and where texts and files come from."""
