"""Numbers of things in our own texts."""


def counted(number: int, noun: str) -> str:
    """`1 finding`, `1,200 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
