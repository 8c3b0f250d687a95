"""Questions asked of a repository's graph, and their answers as text or data."""
