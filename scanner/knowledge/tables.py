"""Typed questions to the tables in `data/`; a table is read when it is first asked."""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from scanner.knowledge.actions import ActionFacts
from scanner.knowledge.advisories import AdvisoryFacts
from scanner.knowledge.agents import AgentFacts
from scanner.knowledge.execution import ExecutionFacts
from scanner.knowledge.folder import Folder
from scanner.knowledge.github import GitHubFacts
from scanner.knowledge.licenses import LicenseFacts
from scanner.knowledge.schema import Schema
from scanner.knowledge.snapshot import Table, remarks, tables
from scanner.knowledge.text_sinks import TextSinks

DATA: Final = Path(__file__).parent / "data"
_PARTS: Final = frozenset(("owner", "repo"))
_OFTEN: Final = 3
"""In so many repositories of the table an owner must be used to count as widely known."""


class Release(NamedTuple):
    """A NixOS release `YY.MM` and the last day of its support. `known` is false where the release rule was
    applied because the table does not have it."""

    name: str
    end: date
    known: bool


class NixSetting(NamedTuple):
    """A setting of Nix by its real name: `default` as words, whether it is a switch, and whether `extra-` can add to it."""

    name: str
    default: tuple[str, ...]
    boolean: bool
    appendable: bool


class Owner(NamedTuple):
    """Who inputs are taken from: on `host`, as people write the name, with the repositories (lower case) that are
    known. `known` owners are in the global flake registry or used by many; the others were merely seen."""

    host: str
    name: str
    known: bool
    repositories: frozenset[str]


class NixAdvisory(NamedTuple):
    """A defect of a `tool` (`nix`, `lix`): versions from `since` on (None: all) have it, `fixed` are the first without
    it, one for each release line that was repaired."""

    id: str
    tool: str
    what: str
    since: tuple[int, ...] | None
    fixed: tuple[tuple[int, ...], ...]


class Discontinued(NamedTuple):
    """An action that was given up, in versions `before` one (None: in all)."""

    before: int | None
    why: str
    instead: str


class NixInstaller(NamedTuple):
    """The inputs of an action that say which version of a `tool` (`nix`, `lix`) it installs: as a version, in a URL."""

    tool: str
    version: tuple[str, ...]
    url: tuple[str, ...]


class NixAction(NamedTuple):
    """What is known about an action for Nix; its inputs by their names.

    With `evaluates`, it evaluates the flake of the checked-out repository: in the folder that `directory` names, or what
    `installables` names. `conf` hold text for nix.conf, `options` options of nix commands; `trust` makes the runner's user
    trusted, which the action does unless told otherwise. `cache` hold what writes to a binary cache, `fetch` what Nix
    fetches with.
    """

    evaluates: bool
    directory: str | None
    installables: str | None
    conf: tuple[str, ...]
    options: tuple[str, ...]
    trust: str | None
    installs: NixInstaller | None
    cache: tuple[str, ...]
    fetch: tuple[str, ...]
    discontinued: Discontinued | None


class Knowledge:
    """The tables of one `folder`. Those of the folder `over` lie over them where they are not older, `always` those of any date, but none
    that is later than `today`. An `own` folder is that of updates (see `scanner.knowledge.overlay`)."""

    def __init__(
        self,
        folder: Path | Folder = DATA,
        over: Path | None = None,
        *,
        always: bool = False,
        own: bool = False,
        today: date | None = None,
    ) -> None:
        if not isinstance(folder, Folder):
            folder = Folder(folder, over, always=always, own=own, today=today)
        self._tables = folder
        self._capabilities: dict[str, str | None] = {}
        self._nix_actions: dict[str, NixAction | None] = {}

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the names and bytes of all tables that count: it names the knowledge that a report used."""
        return self._tables.digest

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, by name, with what they say of themselves."""
        return tables(self._tables)

    @property
    def updated(self) -> frozenset[str]:
        """The names of the tables that lie over shipped ones."""
        return self._tables.laid

    @property
    def refused(self) -> tuple[str, ...]:
        """Why tables of the folder above are left out: one sentence each."""
        return self._tables.refused

    def remarks(self, now: date) -> tuple[str, ...]:
        """What a report says of this snapshot, when everything has been asked."""
        return tuple(remarks(self._tables, now))

    @cached_property
    def actions(self) -> ActionFacts:
        return ActionFacts(self._tables)

    @cached_property
    def advisories(self) -> AdvisoryFacts:
        return AdvisoryFacts(self._tables)

    @cached_property
    def execution(self) -> ExecutionFacts:
        return ExecutionFacts(self._tables)

    @cached_property
    def text_sinks(self) -> TextSinks:
        return TextSinks(self._tables)

    @cached_property
    def agents(self) -> AgentFacts:
        return AgentFacts(self._tables)

    @cached_property
    def github(self) -> GitHubFacts:
        return GitHubFacts(self._tables)

    @cached_property
    def licenses(self) -> LicenseFacts:
        return LicenseFacts(self._tables)

    @cached_property
    def schema(self) -> Schema:
        return Schema(self._tables)

    def _table(self, name: str) -> Any:
        return self._tables.json(name)

    @cached_property
    def _event_contexts(self) -> str:
        return self._tables.text("event-contexts.csv")

    def context_capability(self, context: str) -> str | None:
        """What the sender of a webhook decides of a `github.*` context (lower case, `*` for an index):
        `arbitrary`, `structured` or `fixed`; None for a context that the table does not have."""
        if context not in self._capabilities:
            self._capabilities[context] = self._find_capability(context)
        return self._capabilities[context]

    def is_context(self, context: str) -> bool:
        """Whether the table has a context, or something below it."""
        rows = self._event_contexts
        return f"\n{context}," in rows or f"\n{context}." in rows

    def _find_capability(self, context: str) -> str | None:
        # 4,608 rows: finding the few lines that are asked for beats building a dictionary of all.
        at = self._event_contexts.find(f"\n{context},")
        if at < 0:
            return None
        start = at + len(context) + 2
        end = self._event_contexts.find("\n", start)
        return self._event_contexts[start : end if end >= 0 else None]

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
        if (
            len(year) != 2
            or not year.isdecimal()
            or month not in ("05", "11")
            or name < max(self._releases, default="")
        ):
            return None
        end = date(2000 + int(year), 12, 31) if month == "05" else date(2001 + int(year), 6, 30)
        return Release(name, end, False)

    @cached_property
    def _registry(self) -> dict[str, str]:
        targets: dict[str, str] = {}
        for row in self._table("flake-registry.json")["flakes"]:
            source, target = row["from"], row["to"]
            if row.get("exact"):
                continue
            if target["type"] in ("github", "gitlab", "sourcehut") and target.keys() >= _PARTS:
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
    def owners(self) -> dict[tuple[str, str], Owner]:
        """Owners of inputs by host and lower-case name: of the global flake registry, and those that real locks have."""
        found: dict[tuple[str, str], Owner] = {}
        for row in self._table("flake-owners.json")["owners"]:
            known = row["seen"] >= _OFTEN
            owner = Owner(row["host"], row["owner"], known, frozenset(row["repositories"]))
            found[owner.host, owner.name.lower()] = owner
        for row in self._table("flake-registry.json")["flakes"]:
            target = row["to"]
            if target["type"] == "github" and target.keys() >= _PARTS:
                key = ("github.com", target["owner"].lower())
                names = {target["repo"].lower()}
                known_one = found.get(key)
                if known_one is not None:
                    names |= known_one.repositories
                name = known_one.name if known_one is not None else target["owner"]
                found[key] = Owner("github.com", name, True, frozenset(names))
        return found

    @cached_property
    def _nix_settings(self) -> dict[str, NixSetting]:
        found: dict[str, NixSetting] = {}
        for name, row in self._table("nix-settings.json")["settings"].items():
            default = row["default"]
            match default:
                case bool():
                    words: tuple[str, ...] = ("true" if default else "false",)
                case list():
                    words = tuple(default)
                case dict() | None:
                    words = ()
                case _:
                    words = tuple(str(default).split())
            setting = NixSetting(name, words, isinstance(default, bool), isinstance(default, list | dict))
            for known in (name, *row.get("aliases", ())):
                found[known] = setting
        return found

    def nix_setting(self, name: str) -> NixSetting | None:
        """A setting of Nix by its name or an alias of it, without `extra-`."""
        return self._nix_settings.get(name)

    @cached_property
    def nix_advisories(self) -> tuple[NixAdvisory, ...]:
        """Known defects of Nix and Lix."""
        return tuple(
            NixAdvisory(
                row["id"],
                row["tool"],
                row["what"],
                _numbers(row["since"]) if "since" in row else None,
                tuple(_numbers(text) for text in row["fixed"]),
            )
            for row in self._table("nix-vulnerabilities.json")["advisories"]
        )

    @cached_property
    def _nix_table(self) -> Any:
        return self._table("nix-actions.json")

    def nix_action(self, name: str) -> NixAction | None:
        """What is known about an action `owner/repository[/path]`; None for one that is not known to be for Nix."""
        name = name.lower()
        if name not in self._nix_actions:
            row = self._nix_table["actions"].get(name)
            self._nix_actions[name] = _nix_action(row) if row is not None else None
        return self._nix_actions[name]

    @cached_property
    def cache_variables(self) -> frozenset[str]:
        """Environment variables that hold what writes to a binary cache."""
        return frozenset(self._nix_table["cache_variables"])


def _nix_action(row: dict[str, Any]) -> NixAction:
    evaluates, installs, gone = row.get("evaluates"), row.get("installs"), row.get("discontinued")
    place, secrets = evaluates or {}, row.get("secrets", {})
    return NixAction(
        evaluates=evaluates is not None,
        directory=place.get("directory"),
        installables=place.get("installables"),
        conf=tuple(row.get("conf", ())),
        options=tuple(row.get("options", ())),
        trust=row.get("trust"),
        installs=None
        if installs is None
        else NixInstaller(
            installs.get("tool", "nix"), tuple(installs.get("version", ())), tuple(installs.get("url", ()))
        ),
        cache=tuple(secrets.get("cache", ())),
        fetch=tuple(secrets.get("fetch", ())),
        discontinued=None
        if gone is None
        else Discontinued(int(gone["before"]) if "before" in gone else None, gone["why"], gone["instead"]),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
