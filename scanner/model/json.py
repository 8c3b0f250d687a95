"""What JSON can hold."""

from typing import TypeGuard

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def is_id(value: object, most: int = (1 << 53) - 1) -> TypeGuard[int]:
    """Whether it is a whole number from 1 to `most` (by default the greatest that every reader of JSON takes exactly); `true`, which
    Python takes for 1, is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most
