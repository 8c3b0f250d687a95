"""The subjects that rules are grouped by: what people read above a table of them."""

from importlib import import_module


def about(subject: str) -> str:
    """`Locks, what they lock, and the flake.nix that asks for it`, from the docstring of the subject's package."""
    text = (
        (import_module(f"scanner.rules.{subject}").__doc__ or "").removeprefix("Rules about ").strip(". \n")
    )
    return f"{text[:1].upper()}{text[1:]}"
