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


def _fitting(text: str, room: int) -> int:
    """How many characters of the beginning of a text take at most `room` columns; no more of it is looked at."""
    if text[: room + 1].isascii():
        return min(len(text), max(room, 0))
    kept = used = 0
    while kept < len(text) and (used := used + columns(text[kept])) <= room:
        kept += 1
    return kept


def cut(text: str, room: int) -> str:
    """The beginning of a text in at most `room` columns; `…` where it is cut."""
    if _fitting(text, room) == len(text):
        return text
    return f"{text[: _fitting(text, room - 1)]}…" if room > 0 else ""


def tail(text: str, room: int) -> str:
    """The end of a text in at most `room` columns; `…` where it is cut."""
    backwards = text[::-1]
    if _fitting(backwards, room) == len(text):
        return text
    return f"…{text[len(text) - _fitting(backwards, room - 1) :]}" if room > 0 else ""


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
    while (fits := max(_fitting(text, room), 1)) < len(text):
        at = text.rfind(" ", 1, fits + 1) + 1
        if at <= room // 3:
            at = max(text.rfind(mark, 1, fits) for mark in "_-./ ,:") + 1 or fits
        lines.append(text[:at].rstrip(" "))
        text = text[at:]
    return [*lines, text]


def flowing(text: str, width: int | None, more: int = 4) -> list[str]:
    """A line that is safe to show, wrapped to the terminal's width; its further lines are indented by `more` than it is itself."""
    if width is None:
        return [text]
    said = text.lstrip(" ")
    begin = len(text) - len(said)
    first, *rest = wrapped(said, width - begin, width - begin - more)
    return [f"{' ' * begin}{first}", *(f"{' ' * (begin + more)}{one}" for one in rest)]


def remark(head: str, text: str, width: int | None) -> list[str]:
    """`head: text`, safe to show, as a flowing line."""
    return flowing(visible(f"{head}: {text}"), width)
