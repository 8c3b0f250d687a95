"""What policies may ask of a node: one typed, documented function per attribute, in files by what the nodes are of."""
