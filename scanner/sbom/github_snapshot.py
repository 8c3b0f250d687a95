"""A snapshot for GitHub's dependency submission API: what its dependency graph shows of a repository, and alerts about.
https://docs.github.com/rest/dependency-graph/dependency-submission

One manifest for each file that names components. Actions have the name under which GitHub's advisories know them
(`pkg:githubactions/owner/name@ref`), everything else its purl; what has neither GitHub cannot take. A thing is keyed by its name, so a
source that a lock has twice at one commit is one entry.
"""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any, Final, NamedTuple

from scanner import HOME
from scanner.sbom.bill import Bill, Component

DETECTOR: Final = "snowfence"

_DEVELOPMENT: Final = frozenset(("hook-repository",))
"""Kinds that only run where people work on the repository. Everything else builds it or runs beside its secrets; dependency review looks
at nothing else by default."""

_LOCKED: Final = frozenset(("flake-input", "pin"))
_ACTIONS: Final = frozenset(("action", "reusable-workflow"))


class Submission(NamedTuple):
    """Which state of the repository is told of, and by what: the commit `sha` (40 to 64 digits) and the `ref` (`refs/…`) that it is of;
    `job` the id of the run, `correlator` what it is always called: a later snapshot takes the place of that of the same name. `url` is
    its page."""

    sha: str
    ref: str
    job: str
    correlator: str
    url: str | None = None


class _Entry(NamedTuple):
    """A component in a manifest."""

    component: Component
    line: int
    direct: bool


def write(bill: Bill, submission: Submission) -> str:
    """The body of the request. The same bill gives the same bytes."""
    job = {"id": submission.job, "correlator": submission.correlator}
    if submission.url is not None:
        job["html_url"] = submission.url
    names = {one.id: name for one in bill.components if (name := _name(one)) is not None}
    document = {
        "version": 0,
        "job": job,
        "sha": submission.sha,
        "ref": submission.ref,
        "detector": {"name": DETECTOR, "version": bill.tool, "url": HOME},
        "scanned": bill.timestamp.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
        **({"metadata": {"snowfence:files_left_out": bill.left_out}} if bill.left_out else {}),
        "manifests": {
            path: {
                "name": path,
                "file": {"source_location": path},
                "resolved": _resolved(bill, entries, names),
            }
            for path, entries in sorted(_manifests(bill, names).items())
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _name(one: Component) -> str | None:
    """What GitHub calls a component: a purl."""
    if one.kind in _ACTIONS:
        own = next((value for name, value in one.properties if name == "snowfence:githubactions_purl"), None)
        if own is not None:
            return own
    return one.purl.to_string() if one.purl is not None else None


def _manifests(bill: Bill, names: dict[str, str]) -> dict[str, list[_Entry]]:
    """The components that each file names."""
    found: dict[str, list[_Entry]] = {}
    direct = frozenset(bill.dependencies.get(bill.subject.id, ()))
    for one in bill.components:
        if one.id not in names:
            continue
        lines: dict[str, int] = {}
        for place in one.occurrences:
            lines.setdefault(place.path, place.line)
        for path, line in lines.items():
            # What actions.lock names, it names because an action uses it.
            here = not path.endswith("/actions.lock")
            found.setdefault(path, []).append(_Entry(one, line, here and one.id in direct))
    return found


def _resolved(bill: Bill, entries: list[_Entry], names: dict[str, str]) -> dict[str, Any]:
    here: dict[str, list[_Entry]] = {}
    for entry in entries:
        here.setdefault(names[entry.component.id], []).append(entry)
    return {name: _dependency(bill, name, here[name], names, here) for name in sorted(here)}


def _dependency(
    bill: Bill, name: str, entries: list[_Entry], names: dict[str, str], here: dict[str, list[_Entry]]
) -> dict[str, Any]:
    first = entries[0].component
    children = {
        names[id] for one in entries for id in bill.dependencies.get(one.component.id, ()) if id in names
    }
    return {
        "package_url": name,
        "relationship": "direct" if any(one.direct for one in entries) else "indirect",
        "scope": "development" if first.kind in _DEVELOPMENT else "runtime",
        "dependencies": sorted(child for child in children if child in here and child != name),
        "metadata": dict(_metadata(entries)),
    }


def _metadata(entries: list[_Entry]) -> Iterator[tuple[str, str | int]]:
    """At most eight keys, of which each is one text or number."""
    first = entries[0].component
    yield "snowfence:kind", first.kind
    yield "snowfence:line", min(one.line for one in entries)
    if first.kind in _LOCKED:
        inputs = (
            value for one in entries for key, value in one.component.properties if key == "snowfence:input"
        )
        yield "snowfence:input", min(inputs, default="")
    elif first.kind in _ACTIONS and first.version is not None:
        yield "snowfence:version", first.version
