"""The global registry of flakes: what Nix takes a name like `nixpkgs` for.

https://nix.dev/manual/nix/2.34/command-ref/new-cli/nix3-registry#registry-format: version 2, `flakes` with `from`, `to` and `exact`.
"""

import re
from typing import Final

from scanner.adapters.sources.asking import Document, document, shrunk
from scanner.adapters.sources.reading import field, items, text
from scanner.adapters.sources.source import Asked, Failed, Fetched, Outcome, Seen
from scanner.adapters.sources.tables import REGISTRY, table
from scanner.model.counting import counted

_LIMIT: Final = 1 << 20
_VERSION: Final = 2
_MAX_ROWS: Final = 5_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://[!-~]+")
_FORGES: Final = frozenset(("github", "gitlab", "sourcehut"))
_ADDRESSES: Final = frozenset(("file", "git", "hg", "tarball"))
_OPTIONAL: Final = {"dir": _REF, "host": _NAME, "ref": _REF, "rev": _REF}


class FlakeRegistry:
    """One document with all names."""

    name = "flake-registry"
    title = "the global registry of flakes"
    noun = "name", "names"
    tables = (REGISTRY,)
    url = "https://channels.nixos.org/flake-registry.json"
    licence = "no licence file upstream; facts (name to reference)"

    def fetch(self, asked: Asked) -> Outcome:
        got = document(asked, asked.url, "registry", limit=_LIMIT)
        if not isinstance(got, Document):
            return got
        if field(got.value, "version") != _VERSION:
            return Failed(f"the server's answer is no registry of version {_VERSION}")
        given = items(field(got.value, "flakes"))
        if len(given) > _MAX_ROWS:
            return Failed(f"the registry has more than {_MAX_ROWS:,} names")
        rows = [row for item in given if (row := _row(item)) is not None]
        before = items(field(asked.table(REGISTRY), "flakes"))
        if few := shrunk(len(before), len(rows), "names"):
            return few
        new = set(map(_key, rows)) - set(map(_key, before))
        said = table(
            self, asked, REGISTRY, f"NixOS/flake-registry, {self.url}", self.licence, {"flakes": rows}
        )
        left_out = len(given) - len(rows)
        remarks = (f"{counted(left_out, 'name')} could not be read",) if left_out else ()
        return Fetched(
            {REGISTRY: said},
            len(rows),
            tuple(sorted(filter(None, map("/".join, new)))),
            Seen(got.marks),
            remarks,
        )


def _key(row: object) -> tuple[str, str]:
    return text(field(row, "from", "id")), text(field(row, "from", "ref"))


def _row(item: object) -> dict[str, object] | None:
    """A name and what it stands for, None for what is none."""
    target = _target(field(item, "to"))
    source = _attributes(field(item, "from"), {"id": _NAME}, {"ref": _REF})
    if target is None or source is None or field(item, "from", "type") != "indirect":
        return None
    exact = field(item, "exact")
    row: dict[str, object] = {"exact": True} if exact is True else {}
    return row | {"from": source | {"type": "indirect"}, "to": target}


def _target(value: object) -> dict[str, object] | None:
    kind = text(field(value, "type"))
    if kind in _FORGES:
        found = _attributes(value, {"owner": _NAME, "repo": _NAME}, _OPTIONAL)
    elif kind in _ADDRESSES:
        found = _attributes(value, {"url": _URL}, _OPTIONAL)
    elif kind == "indirect":
        found = _attributes(value, {"id": _NAME}, _OPTIONAL)
    else:
        return None  # a path is one on the machine of whoever wrote the registry
    return found | {"type": kind} if found is not None else None


def _attributes(
    value: object, wanted: dict[str, re.Pattern[str]], also: dict[str, re.Pattern[str]]
) -> dict[str, object] | None:
    """Attributes of a reference by name; None when one is missing or is not what it should be."""
    found: dict[str, object] = {}
    for name, pattern in sorted({**wanted, **also}.items()):
        given = field(value, name)
        if given is None and name in also:
            continue
        shown = text(given, 2_000)
        if not pattern.fullmatch(shown):
            return None
        found[name] = shown
    return found
