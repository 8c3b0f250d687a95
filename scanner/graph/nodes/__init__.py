"""What the graph is made of. Ids are `kind:path#locator`, stable across edits, and what users write."""
