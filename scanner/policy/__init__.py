"""Policies: YAML in, a `Policy` out, and its judgment over what the rules answered."""
