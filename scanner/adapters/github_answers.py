"""What GitHub's REST API answers, read with care: only fields that have a place in a shape, each of its type and of a bounded length."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scanner.adapters.bounded_json import parsed
from scanner.model.online import About, Account

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LONG_MESSAGE: Final = 300

Shape = Mapping[str, Any]
"""The fields that are read: None for a plain value, a shape for an object."""

REPOSITORY: Final[Shape] = {
    "id": None,
    "full_name": None,
    "archived": None,
    "created_at": None,
    "license": {"spdx_id": None},
    "owner": {"login": None, "id": None},
}
USER: Final[Shape] = {"login": None, "id": None, "created_at": None}
RELEASE: Final[Shape] = {"tag_name": None, "immutable": None, "draft": None}
COMPARISON: Final[Shape] = {"status": None}
ERROR: Final[Shape] = {"message": None}


def about_of(fields: Mapping[str, Any]) -> About | None:
    """A repository out of the fields of `REPOSITORY`; None for what is none."""
    match fields:
        case {
            "id": int(id),
            "full_name": str(name),
            "archived": bool(archived),
            "created_at": str(created),
            "owner": {"login": str(owner), "id": int(owner_id)},
        }:
            made, licence = _time(created), fields.get("license")
            spdx = licence.get("spdx_id") if isinstance(licence, dict) else None
            user, slash, repository = name.partition("/")
            if made is None or not slash or not (is_name(user) and is_name(repository) and is_name(owner)):
                return None
            # NOASSERTION: there is a licence that it does not recognise
            known = (
                spdx if isinstance(spdx, str) and _NAME.fullmatch(spdx) and spdx != "NOASSERTION" else None
            )
            return About(name, archived, known, owner, owner_id, id, made)
    return None


def account_of(fields: Mapping[str, Any]) -> Account | None:
    """An owner out of the fields of `USER`; None for what is none."""
    match fields:
        case {"login": str(login), "id": int(id), "created_at": str(created)}:
            made = _time(created)
            return Account(login, id, made) if made is not None and is_name(login) else None
    return None


def picked(value: object, shape: Shape) -> dict[str, Any]:
    """The fields of an object that have a place in a shape: plain values of a bounded length and objects of such."""
    found: dict[str, Any] = {}
    if not isinstance(value, dict):
        return found
    for name, inner in shape.items():
        one = value.get(name)
        if inner is not None:
            found[name] = picked(one, inner) if isinstance(one, dict) else None
        elif isinstance(one, str):
            found[name] = one[:_LONG_MESSAGE]
        elif name in value and (one is None or (isinstance(one, bool | int) and abs(one) < 1 << 63)):
            found[name] = one
    return found


def read(body: bytes) -> dict[str, Any] | None:
    """The object that a body is; None for what is none."""
    try:
        value = parsed(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_name(text: str) -> bool:
    """Whether a text is the name of an owner or a repository, and no more than a name in a URL."""
    return _NAME.fullmatch(text) is not None and text not in (".", "..")


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
