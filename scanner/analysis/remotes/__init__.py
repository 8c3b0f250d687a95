"""Repositories on servers that a repository takes code from, whichever kind of file names them."""
