"""The page of a rule: its title, its text, and the examples that prove it.

A fenced block of a page may be an example; the words behind its language say which:

    ```yaml bad path=.github/workflows/ci.yml at="actions/checkout@v4"

`good` must be silent, `bad` must report exactly the texts of its `at=` (one for each finding, in the order of the file),
`unknown` must answer "cannot be decided" there, `with` is a further file for the next example, and `online` holds, as a JSON object, what servers
answer in it (tests/online.py): an example without one asks nobody. More words:
`confidence=`, `now=` (a date), `options=` (a JSON object) and `variant=`: that of every finding, or a list with commas for
one after the other, in which `-` is a finding of no variant. Without the word no finding has one. `also=` names rules,
with commas, that are asked before this one. A `snowfence.yaml` among the files is the policy whose exceptions they are judged by.
"""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

from scanner.engine import Place

VERDICTS = ("good", "bad", "unknown", "with", "online")


class Example(NamedTuple):
    """`files` maps paths to texts; the last one is the block itself, whose 1-based line in the page is `line`. `variants`
    are those of the findings at the places `at`; `online` is what servers answer, None where nobody is asked."""

    verdict: str
    line: int
    files: dict[str, str]
    at: tuple[str, ...]
    variants: tuple[str | None, ...]
    confidence: str | None
    now: str | None
    options: dict[str, Any]
    also: tuple[str, ...]
    online: dict[str, Any] | None


class Page(NamedTuple):
    """`lead` is the first paragraph; `markdown` is the whole page, its examples with plain fences."""

    title: str
    lead: str
    markdown: str
    examples: tuple[Example, ...]


def read_page(place: Place) -> Page:
    lines = place.page.read_text("utf-8").splitlines()
    title = lines[0].removeprefix("# ").strip()
    lead: list[str] = []
    for line in lines[1:]:
        if line.strip():
            lead.append(line.strip())
        elif lead:
            break
    markdown = "\n".join(_plain(line) for line in lines) + "\n"
    return Page(title, " ".join(lead), markdown, tuple(_examples(lines)))


def options_about(markdown: str) -> dict[str, str]:
    """What a page says of each option, its first sentence: the items of `## Options`, lines that begin with its name, and the rows of a
    table."""
    found: dict[str, str] = {}
    section = markdown.partition("\n## Options\n")[2].partition("\n## ")[0]
    for item in re.split(r"\n(?:- |\| |(?=`))", f"\n{section}")[1:]:
        text = " ".join(item.partition("\n\n")[0].split())
        names, colon, about = text.partition(": ")
        if not colon:  # a row: name, default, meaning
            names, about = text.partition(" | ")[0], text.rstrip(" |").rpartition(" | ")[2]
        about = about.partition(". ")[0].removesuffix(".")
        found |= {name: about for name in re.findall(r"`([a-z_]+)`", names.partition("(")[0]) if about}
    return found


def _variants(text: str, count: int) -> tuple[str | None, ...]:
    names = text.split(",")
    return tuple(None if name == "-" else name for name in (names if len(names) > 1 else names * count))


def _plain(line: str) -> str:
    """A fence without the words for the tests."""
    if line.startswith("```"):
        return line.split(" ", 1)[0]
    return line


def _examples(lines: list[str]) -> Iterator[Example]:
    further: dict[str, str] = {}
    online: dict[str, Any] | None = None
    at = 0
    while at < len(lines):
        words = shlex.split(lines[at][3:]) if lines[at].startswith("```") else []
        at += 1
        if not words:
            continue
        start = at
        while at < len(lines) and lines[at] != "```":
            at += 1
        text = "\n".join(lines[start:at]) + "\n"
        at += 1
        if len(words) < 2 or words[1] not in VERDICTS:
            continue
        if words[1] == "online":
            online = json.loads(text)
            continue
        values: dict[str, str] = {}
        places: list[str] = []
        for word in words[2:]:
            name, _, value = word.partition("=")
            if name == "at":
                places.append(value)
            else:
                values[name] = value
        path = values["path"]
        if words[1] == "with":
            further[path] = text
            continue
        yield Example(
            verdict=words[1],
            line=start,
            files={**further, path: text},
            at=tuple(places),
            variants=_variants(values.get("variant", "-"), len(places)),
            confidence=values.get("confidence"),
            now=values.get("now"),
            options=json.loads(values.get("options", "{}")),
            also=tuple(values["also"].split(",")) if "also" in values else (),
            online=online,
        )
        further, online = {}, None
