"""Words that every room speaks: sources and spans, findings, errors, ports. Imports nothing of the project."""
