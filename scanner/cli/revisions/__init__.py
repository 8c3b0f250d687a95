"""States of a repository other than its files of now: a revision out of git's objects, the base of a scan, both sides of a `diff`."""
