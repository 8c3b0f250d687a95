"""Typed questions to the tables in `data/`; a table is read when it is first asked."""

import json
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

_DATA: Final = Path(__file__).parent / "data"


class Release(NamedTuple):
    """A NixOS release `YY.MM` and the last day of its support. `known` is false where the release rule was
    applied because the table does not have it."""

    name: str
    end: date
    known: bool


class NixAction(NamedTuple):
    """How an action evaluates the checked-out flake: the inputs that name its folder or what it builds."""

    directory: str | None
    installables: str | None


class Knowledge:
    """The tables of one folder."""

    def __init__(self, folder: Path = _DATA) -> None:
        self._folder = folder
        self._capabilities: dict[str, str | None] = {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over the names and bytes of all tables: it names the knowledge that a report used."""
        total = sha256()
        for file in sorted(self._folder.iterdir()):
            total.update(f"{file.name}\0".encode())
            total.update(sha256(file.read_bytes()).digest())
        return total.hexdigest()

    def _table(self, name: str) -> Any:
        return json.loads((self._folder / name).read_text("utf-8"))

    @cached_property
    def _event_contexts(self) -> str:
        return (self._folder / "event-contexts.csv").read_text("utf-8")

    def context_capability(self, context: str) -> str | None:
        """What the sender of a webhook decides of a `github.*` context (lower case, `*` for an index):
        `arbitrary`, `structured` or `fixed`; None for a context that the table does not have."""
        if context not in self._capabilities:
            self._capabilities[context] = self._find_capability(context)
        return self._capabilities[context]

    def _find_capability(self, context: str) -> str | None:
        # 4,608 rows: finding the few lines that are asked for beats building a dictionary of all.
        at = self._event_contexts.find(f"\n{context},")
        if at < 0:
            return None
        start = at + len(context) + 2
        return self._event_contexts[start : self._event_contexts.index("\n", start)]

    @cached_property
    def _releases(self) -> dict[str, date]:
        rows = self._table("nixos-releases.json")["releases"]
        return {row["release"]: date.fromisoformat(row["eol"]) for row in rows}

    def nixos_release(self, name: str) -> Release | None:
        """The release `YY.MM`; None for a name that no release has or can have.

        Rule for those that the table does not know yet (NixOS release wiki): releases are YY.05 and YY.11 and get seven months of support, so
        YY.05 ends on YY-12-31 and YY.11 on the 30th of June after it.
        """
        known = self._releases.get(name)
        if known is not None:
            return Release(name, known, True)
        year, _, month = name.partition(".")
        if len(year) != 2 or not year.isdecimal() or month not in ("05", "11") or name < max(self._releases):
            return None
        end = date(2000 + int(year), 12, 31) if month == "05" else date(2001 + int(year), 6, 30)
        return Release(name, end, False)

    @cached_property
    def permission_scopes(self) -> dict[str, str | None]:
        """Every scope of the GITHUB_TOKEN with the severity of write access (None: it cannot be written)."""
        return {name: row["write"] for name, row in self._table("permission-scopes.json")["scopes"].items()}

    @cached_property
    def _injection_sinks(self) -> dict[str, frozenset[str]]:
        sinks = self._table("injection-sinks.json")["sinks"]
        return {action.lower(): frozenset(name.lower() for name in names) for action, names in sinks.items()}

    def executed_inputs(self, slug: str) -> frozenset[str]:
        """The inputs (lower case) of an action `owner/repository` (lower case) that it runs as code."""
        return self._injection_sinks.get(slug, frozenset())

    @cached_property
    def _registry(self) -> dict[str, str]:
        targets: dict[str, str] = {}
        for row in self._table("flake-registry.json")["flakes"]:
            source, target = row["from"], row["to"]
            if row.get("exact"):
                continue
            if target["type"] in ("github", "gitlab", "sourcehut"):
                ref = f"/{target['ref']}" if target.get("ref") else ""
                targets[source["id"]] = f"{target['type']}:{target['owner']}/{target['repo']}{ref}"
            else:
                targets[source["id"]] = target.get("url", target["type"])
        return targets

    def registry_target(self, name: str) -> str | None:
        """What the global flake registry makes of an indirect reference with any ref, as a flake reference.

        Rows for one ref only are left out: some of them lead to tarballs of a channel, which no one writes by hand.
        """
        return self._registry.get(name)

    @cached_property
    def _nix_actions(self) -> dict[str, NixAction]:
        rows = self._table("nix-actions.json")["actions"]
        return {name: NixAction(row.get("directory"), row.get("installables")) for name, row in rows.items()}

    def nix_action(self, name: str) -> NixAction | None:
        """How an action `owner/repository[/path]` evaluates the checked-out flake, None when it does not."""
        return self._nix_actions.get(name.lower())

    @cached_property
    def hosted_runner_labels(self) -> frozenset[str]:
        """Labels of runners that GitHub hosts."""
        return frozenset(self._table("hosted-runners.json")["labels"])
