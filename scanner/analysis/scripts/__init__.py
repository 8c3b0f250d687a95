"""What the code of steps does: its commands, what they install, download and write."""
