"""Values of other people's JSON, by their type: what has another one counts as missing."""

import re
from datetime import date
from typing import Final

MAX_TEXT: Final = 200
"""Characters of a text that goes into a table."""

_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,12}")
_CWE: Final = re.compile(r"CWE-[0-9]{1,6}")


def field(value: object, *names: str) -> object:
    """A value below others by its names, None where there is none."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def items(value: object) -> list[object]:
    """The items of a list; none of anything else."""
    return value if isinstance(value, list) else []


def text(value: object, most: int = MAX_TEXT) -> str:
    """A text on one line that can be shown, empty for everything else."""
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        return ""
    return value.strip()


def texts(value: object) -> list[str]:
    """The texts of a list, without those that are none."""
    return [one for item in items(value) if (one := text(item))]


def day(value: object) -> date | None:
    """The day of a date or a time in ISO 8601."""
    given = text(value)
    if len(given) > 10 and given[10] not in "Tt ":
        return None
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None


def day_text(value: object) -> str:
    """The day of a date or a time as `YYYY-MM-DD`, empty for what is none."""
    found = day(value)
    return found.isoformat() if found is not None else ""


def cve(value: object) -> str:
    """The id of a CVE in upper case, empty for what is none."""
    given = text(value).upper()
    return given if _CVE.fullmatch(given) else ""


def cwes(values: list[object]) -> list[str]:
    """Ids of kinds of weaknesses, sorted."""
    return sorted({one for value in values if _CWE.fullmatch(one := text(value).upper())})
