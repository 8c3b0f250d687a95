"""Addresses that reports name: pages of rules, and files as parts of a URL."""

from typing import Final

from scanner import HOME, __version__
from scanner.engine import Described
from scanner.results import Report, RuleInUse

_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def files_of(version: str) -> str:
    """Where the files of a version are: those of its tag, since a page may say other things later. A version in development has no tag."""
    return f"{HOME}/blob/main" if ".dev" in version or "+" in version else f"{HOME}/blob/v{version}"


FILES: Final = files_of(__version__)


def page_of(one: RuleInUse) -> str | None:
    """The page of a rule; None for a check that a policy of somebody else declares."""
    if isinstance(one.place, Described):
        return f"{FILES}/{uri(one.place.file)}" if one.place.file else None
    return of_rule(one.rule.id)


def pages(report: Report) -> dict[str, str]:
    """The pages of the rules of a run that have one, by their ids."""
    found = ((one.rule.id, page_of(one)) for one in report.rules)
    return {id: page for id, page in found if page is not None}


def of_rule(id: str) -> str:
    """The page of a rule of ours."""
    return f"{FILES}/docs/rules/{id}.md"


def hyperlink(shown: str, url: str) -> str:
    """A text that a terminal opens (OSC 8, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda); `shown` is safe already,
    `url` one that we made."""
    return f"\x1b]8;;{url}\x1b\\{shown}\x1b]8;;\x1b\\"


def uri(path: str) -> str:
    """A path as a relative reference (RFC 3986 §4.2); bytes that are not UTF-8 arrive as lone surrogates."""
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "surrogatepass")
    return "".join([chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in octets])
