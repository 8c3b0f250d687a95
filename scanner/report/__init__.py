"""One writer per format: a `Report` becomes text. Pure: nothing is printed, asked of the world or timed."""
