"""Whether an input comes from another place than before, and who has decided that."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.locks.references import repository_of, url_of
from scanner.model.quoting import quoted
from scanner.parse.nix.flakeref import same_request
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import ARCHIVES
from scanner.rules import changes
from scanner.views.diff.both import Both, Verdict
from scanner.views.facts import source_of

# Where a URL's first two names are those of somebody's repository.
_SHARED_HOSTS: Final = frozenset(
    (
        "github.com",
        "gitlab.com",
        "codeberg.org",
        "bitbucket.org",
        "git.sr.ht",
        "raw.githubusercontent.com",
        "codeload.github.com",
        "s3.amazonaws.com",
        "storage.googleapis.com",
    )
)


class _Place(NamedTuple):
    """Who decides what a reference leads to: the host, the names of the owner, and of the repository."""

    host: str
    owner: str
    repository: str

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


def _place_of(reference: Reference) -> _Place:
    repository = repository_of(reference)
    if repository is None:
        path = reference.text("path") or ""
        # The store path of a source names its content and no place.
        return _Place(reference.type, "", "" if path.startswith("/nix/store/") else path)
    if reference.type in ARCHIVES:
        url = url_of(reference.url or "")
        if repository.path == url.path.strip("/").lower():  # any file of a web server
            names = repository.path.split("/")
            if repository.host not in _SHARED_HOSTS and not names[0].startswith("~"):
                names = [""]
            return _Place(repository.host, names[0], names[1] if len(names) > 2 else "")
    owner, _, name = repository.path.rpartition("/")
    return _Place(repository.host, owner, name)


def source(both: Both) -> Iterator[Verdict]:
    """Whether an input comes from another place, or in another way from the same one."""
    before, after = _place_of(both.old.locked), _place_of(both.new.locked)
    evidence = (str(before), str(after))
    if both.old.parent is not None and both.old.parent != both.new.parent:
        yield Verdict(
            changes.SOURCE_CHANGED,
            None,
            both.lock.value(both.new.label, "parent").first_line(),
            f"{quoted(both.name)} is a folder of {quoted('/'.join(both.new.parent or ()) or 'the flake itself')} now and was one of "
            f"{quoted('/'.join(both.old.parent) or 'the flake itself')}, so other code is used; no update does that",
            ("/".join(both.old.parent), "/".join(both.new.parent or ())),
        )
    if before == after:
        if both.old.locked.type != both.new.locked.type:
            yield Verdict(
                changes.SOURCE_CHANGED,
                "same-repository",
                both.value("locked", "type"),
                f"{quoted(both.name)} is fetched as {quoted(both.new.locked.type)} and no longer as "
                f"{quoted(both.old.locked.type)}, from the same place; check that flake.nix asks for that",
                (both.old.locked.type, both.new.locked.type),
            )
        return
    names = [
        name
        for name in ("host", "owner", "repo", "url", "path", "type")
        if both.old.locked.attributes.get(name) != both.new.locked.attributes.get(name)
    ]
    at = both.value("locked", *names)
    what = (
        f"{quoted(both.name)} comes from {quoted(source_of(both.new.locked))} and no longer from "
        f"{quoted(source_of(both.old.locked))}"
    )
    same = same_request(both.old.original, both.new.original)
    asked = both.new.original
    if asked.type == "indirect" or not same:
        renamed = (before.host, before.owner) == (after.host, after.owner) and bool(before.owner)
        why = (
            "the registry leads elsewhere now"
            if same
            else "the input that declares it asks for that"
            if both.inherited
            else f"{both.lock.tool.declared_in} asks for that"
            if both.declared
            else f"right only if {both.lock.tool.declared_in} asks for that"
        )
        variant = (
            "renamed"
            if renamed
            else None
            if same
            else "inherited"
            if both.inherited
            else "declared"
            if both.declared
            else None
        )
        yield Verdict(
            changes.SOURCE_CHANGED,
            variant,
            at,
            f"{what}: {why}; check that {quoted(str(after))} belongs to whom you trust",
            evidence,
        )
    elif _place_of(asked) == after:
        yield Verdict(
            changes.SOURCE_CHANGED,
            "as-asked",
            at,
            f"{what}, so the lock holds what was asked for all along",
            evidence,
        )
    elif asked.type in ARCHIVES:
        yield Verdict(
            changes.SOURCE_CHANGED,
            None,
            at,
            f"{what}: what was asked for is the same, so its server leads elsewhere now, or the lock was edited; "
            f"check that {quoted(str(after))} belongs to whom you trust",
            evidence,
        )
    else:
        yield Verdict(
            changes.SOURCE_CHANGED,
            "not-asked",
            at,
            f"{what}, although what was asked for is still {quoted(source_of(asked))}: Nix does not compare the two. "
            "Do not merge unless somebody overrode this input on purpose",
            evidence,
        )
