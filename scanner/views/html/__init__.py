"""One page for a whole scan, `scan --output html=FILE`: summary, findings, and pictures of the graph."""
