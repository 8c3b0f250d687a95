"""Jobs that publish or deploy, and the caches that they build from."""
