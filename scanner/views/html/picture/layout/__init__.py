"""Where the boxes of a picture stand: in layers from left to right (Sugiyama's method), with few crossings and straight edges."""
