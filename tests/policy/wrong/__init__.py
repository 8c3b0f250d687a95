"""Wrong policies, with the place and the words that must be said of each."""
