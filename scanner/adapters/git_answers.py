"""What git servers answer, as JSON to be kept on disk, and read back with care: a file may hold anything."""

import re
from datetime import UTC, datetime
from typing import Final

from scanner.model.online import Commit, Refs, Remote

_ID: Final = re.compile(r"[0-9a-f]{40}")


def of_refs(refs: Refs) -> object:
    """Branches and tags as they are kept."""
    return {
        "branches": dict(refs.branches),
        "tags": dict(refs.tags),
        "default": refs.default,
        "moved": refs.moved,
    }


def refs_from(value: object) -> Refs | None:
    """Branches and tags as they were kept; None for what is none of ours."""
    match value:
        case {
            "branches": dict(branches),
            "tags": dict(tags),
            "default": str() | None as default,
            "moved": moved,
        }:
            for names in (branches, tags):
                if not all(isinstance(id, str) and _ID.fullmatch(id) for id in names.values()):
                    return None
            match moved:
                case None:
                    return Refs(branches, tags, default, None)
                case [str(host), str(path)]:
                    return Refs(branches, tags, default, Remote(host, path))
    return None


def of_commit(commit: Commit | None) -> object:
    """A commit as it is kept; False for one that a server does not have."""
    return (
        False
        if commit is None
        else [commit.id, commit.made.astimezone(UTC).isoformat(), list(commit.parents)]
    )


def commit_from(value: object) -> Commit | None:
    """A commit as it was kept; None for what is none of ours."""
    match value:
        case [str(id), str(made), list(parents)] if all(isinstance(one, str) for one in parents):
            try:
                moment = datetime.fromisoformat(made)
            except ValueError:
                return None
            return Commit(id, moment, tuple(parents)) if moment.tzinfo is not None else None
    return None
