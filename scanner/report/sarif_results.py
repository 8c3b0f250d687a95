"""Findings as SARIF's results, each a line of JSON.

Made as plain values instead of objects of sarif-om: there can be 25,000 with paths, and a value costs a tenth of an object. What stands at several
places of the input (the steps of paths that share their beginning) is worked out once.
"""

import re
from collections.abc import Callable, Iterator
from json import JSONEncoder
from typing import Final, NamedTuple

from scanner.model.finding import Finding, Fix, Ignored, Note
from scanner.model.json import Json
from scanner.model.source import Source, Span
from scanner.report.chain import chain
from scanner.report.escape import bounded
from scanner.report.links import uri
from scanner.report.sarif_rules import LEVELS, Descriptors

# GitHub's limits; of relatedLocations and codeFlows it keeps fewer than it accepts.
RELATED: Final = 100
STEPS: Final = 1_000
# Ours.
LINKS: Final = 10
INSERTED: Final = 10_000
"""Characters that a fix may insert."""

TITLE: Final = 150
"""Characters of a first sentence that is a title as it is."""
SHORT: Final = 30
"""Characters with which a first sentence says something."""

_SIGNS: Final = re.compile(r"`[^`]*(?:`|$)|\([^()`]*(?:`[^`]*`[^()`]*)*\)|([;:])(?= [^ ])")

_encode: Final = JSONEncoder(separators=(",", ":")).encode


class Detail(NamedTuple):
    """How much is said of each finding: steps of its path, related places, and characters of each text."""

    steps: int
    related: int
    text: int


class Results:
    """Makes results with the same detail; `is_new` answers whether a base has a finding, None without a base."""

    def __init__(
        self, places: Descriptors, detail: Detail, is_new: Callable[[Finding], bool] | None = None
    ) -> None:
        self._places = places
        self._detail = detail
        self._is_new = is_new
        self._uris: dict[str, str] = {}
        self._physical: dict[Span, Json] = {}
        self._texts: dict[str, str] = {}
        # By identity: the findings outlive this.
        self._chains: dict[int, tuple[Note, ...]] = {}
        # The steps of paths, by place, text, number and how much they matter.
        self._steps: dict[tuple[Note, int, bool, bool], str] = {}

    def line(self, finding: Finding, ignored: Ignored | None = None) -> str:
        """One result; `ignored` says what takes it out."""
        rule_id, rule_index = self._places[finding.rule, finding.severity]
        related = finding.related[: self._detail.related]
        properties: dict[str, Json] = {
            "subject": bounded(finding.subject),
            "confidence": str(finding.confidence),
        }
        if finding.variant is not None:
            properties["variant"] = finding.variant
        result: dict[str, Json] = {
            "ruleId": rule_id,
            "ruleIndex": rule_index,
            "level": LEVELS[finding.severity],
            "message": {"text": self._message(finding.message, related)},
            "locations": [self.location(finding.at)],
            "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint},
        }
        if related:
            result["relatedLocations"] = [
                self.location(note.at, note.message, number) for number, note in enumerate(related, 1)
            ]
        if ignored is not None:
            result["suppressions"] = [self._suppression(ignored)]
        if self._is_new is not None:
            result["baselineState"] = "new" if self._is_new(finding) else "unchanged"
        if finding.fix is not None and sum(len(edit.text) + 1 for edit in finding.fix.edits) <= INSERTED:
            result["fixes"] = [self._fix(finding.fix)]
        result["properties"] = properties
        text = _encode(result)
        if finding.flow:
            text = f'{text[:-1]},"codeFlows":[{self._flow(finding)}]}}'
        return text

    def location(self, at: Span, message: str | None = None, id: int = -1) -> dict[str, Json]:
        """A place with what is said of it; links of a message name it by its id."""
        found: dict[str, Json] = {}
        if id >= 0:
            found["id"] = id
        if message is not None:
            found["message"] = {"text": self._text(message)}
        there = self._physical.get(at)
        if there is None:
            there = self._physical[at] = physical(at, self._uri(at.source))
        found["physicalLocation"] = there
        return found

    def _uri(self, source: Source) -> str:
        found = self._uris.get(source.committed)
        if found is None:
            found = self._uris[source.committed] = uri(source.committed)
        return found

    def _text(self, text: str) -> str:
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = plain(_cut(bounded(text), self._detail.text))
        return found

    def _message(self, message: str, related: tuple[Note, ...]) -> str:
        """The message, its first sentence being GitHub's title, with links to the first related places (§3.11.6)."""
        text = sentence(in_sentences(self._text(message)))
        if related:
            links = [
                f"[{self._text(note.message)}]({number})" for number, note in enumerate(related[:LINKS], 1)
            ]
            more = f" and {len(related) - LINKS} more" if len(related) > LINKS else ""
            text += f" See {', '.join(links)}{more}."
        return text

    def _flow(self, finding: Finding) -> str:
        """The path from the source to the place of the finding; that of a check of a policy may lead away from there. Of one that is
        too long the middle is left out: it matters least."""
        whole = self._chains.get(id(finding.flow))
        if whole is None:
            whole = self._chains[id(finding.flow)] = chain(finding)
        most = max(self._detail.steps - 1, 1)
        steps = (
            [*whole[: most - most // 2], *whole[len(whole) - most // 2 :]] if len(whole) > most else [*whole]
        )
        away = steps[0].at == finding.at
        if steps[-1].at != finding.at and not away:
            steps.append(Note(finding.at, finding.message))
        last = len(steps)
        locations = ",".join(
            [
                self._step(step, number, number in (1, last), number == 1 and not away)
                for number, step in enumerate(steps, 1)
            ]
        )
        said = " → ".join([note.message for note in steps[: len(whole)]])
        text = _encode({"text": plain(_cut(bounded(said), self._detail.text))}) if said.strip() else ""
        message = f'"message":{text},' if text else ""
        return f'{{{message}"threadFlows":[{{"locations":[{locations}]}}]}}'

    def _step(self, step: Note, number: int, essential: bool, source: bool) -> str:
        key = step, number, essential, source
        found = self._steps.get(key)
        if found is None:
            values: dict[str, Json] = {
                "location": self.location(step.at, step.message),
                "executionOrder": number,
            }
            if essential:
                values["importance"] = "essential"
            if source:
                values["kinds"] = ["taint"]
            found = self._steps[key] = _encode(values)
        return found

    def _suppression(self, ignored: Ignored) -> Json:
        """What takes a finding out (§3.35). A policy may stand outside of the repository, where no place can be named."""
        found: dict[str, Json] = {
            "kind": "inSource" if ignored.by == "comment" else "external",
            "status": "accepted",
        }
        if ignored.reason.strip():
            found["justification"] = _cut(bounded(ignored.reason), self._detail.text)
        path = ignored.at.source.committed
        if path and not path.startswith(("/", "../")) and ignored.at.source.text:
            found["location"] = self.location(ignored.at)
        return found

    def _fix(self, fix: Fix) -> Json:
        changes: dict[str, list[Json]] = {}
        for edit in fix.edits:
            begin, end = edit.at.begin, edit.at.finish
            replacement: dict[str, Json] = {
                "deletedRegion": {
                    "startLine": begin.line,
                    "startColumn": begin.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                }
            }
            if edit.text:
                replacement["insertedContent"] = {"text": edit.text}
            changes.setdefault(self._uri(edit.at.source), []).append(replacement)
        return {
            "description": {"text": sentence(self._text(fix.what))},
            "artifactChanges": [
                {"artifactLocation": {"uri": uri}, "replacements": replacements}
                for uri, replacements in changes.items()
            ],
        }


def physical(at: Span, file: str) -> Json:
    """A place in a file, of which `file` is the URI: what is on its first line."""
    at = at.first_line()
    line, column = at.begin
    return {
        "artifactLocation": {"uri": file},
        "region": {"startLine": line, "startColumn": column, "endLine": line, "endColumn": at.finish.column},
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def sentence(text: str) -> str:
    """A text with an end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def in_sentences(text: str) -> str:
    """A message as sentences, so that the first one, which GitHub makes the title of an alert, ends before the repair: at semicolons outside
    of backticks and brackets, and of what is then too long for a title, at its last colon."""
    ends = [at for at, sign in _signs(text) if sign == ";"]
    parts = [
        text[start:end] for start, end in zip([0, *(at + 2 for at in ends)], [*ends, len(text)], strict=True)
    ]
    if len(parts[0]) > TITLE:
        colons = [at for at, sign in _signs(parts[0]) if sign == ":" and at >= SHORT]
        if colons:
            parts[:1] = [parts[0][: colons[-1]], parts[0][colons[-1] + 2 :]]
    return ". ".join([parts[0], *(part[:1].upper() + part[1:] for part in parts[1:])])


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """Semicolons and colons before a space and something else, which are in no backticks and no brackets."""
    for found in _SIGNS.finditer(text):
        if found[1] is not None:
            yield found.start(), found[1]


def plain(text: str) -> str:
    """Text of which nothing is taken for a link."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
