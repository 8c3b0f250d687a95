"""Texts in the columns of a terminal: how many they take, and what is done where there are too few."""

from scanner.report.escape import visible


def columns(text: str) -> int:
    """How many columns a terminal gives a text that holds no control characters (UAX #11, wcwidth)."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        2 if east_asian_width(char) in "WF" else 0 if category(char) in ("Mn", "Me") else 1 for char in text
    )


def cut(text: str, room: int) -> str:
    """The beginning of a text in at most `room` columns; `…` where it is cut."""
    if columns(text) <= room:
        return text
    kept, used = 0, 1
    while kept < len(text) and (used := used + columns(text[kept])) <= room:
        kept += 1
    return f"{text[:kept]}…" if room > 0 else ""


def tail(text: str, room: int) -> str:
    """The end of a text in at most `room` columns; `…` where it is cut."""
    if columns(text) <= room:
        return text
    kept, used = len(text), 1
    while kept > 0 and (used := used + columns(text[kept - 1])) <= room:
        kept -= 1
    return f"…{text[kept:]}" if room > 0 else ""


def wrapped(text: str, first: int, room: int) -> list[str]:
    """Lines of at most `room` columns, the first of `first`, broken at spaces."""
    lines: list[str] = []
    line, used, limit = "", 0, first
    for word in text.split(" "):
        size = columns(word)
        if line and used + 1 + size > limit:
            lines.append(line)
            line, used, limit = word, size, room
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line]


def broken(text: str, room: int) -> list[str]:
    """All of a text in lines of at most `room` columns: broken behind a word, else behind a part of a name, else in the midst of it."""
    lines: list[str] = []
    while columns(text) > room:
        fits = max(len(cut(text, room + 1)) - 1, 1)
        at = text.rfind(" ", 1, fits + 1) + 1
        if at <= room // 3:
            at = max(text.rfind(mark, 1, fits) for mark in "_-./ ,:") + 1 or fits
        lines.append(text[:at].rstrip(" "))
        text = text[at:]
    return [*lines, text]


def remark(head: str, text: str, width: int | None) -> list[str]:
    """`head: text`, safe to show, wrapped to the terminal's width with its further lines indented."""
    line = visible(f"{head}: {text}")
    if width is None:
        return [line]
    first, *rest = wrapped(line, width, width - 4)
    return [first, *(f"    {one}" for one in rest)]
