"""What a run of GitHub Actions tells of itself: the event that it is of, where its commit can be read, what a snapshot says of it."""
