"""lon: `lon.lock`, version 1 (nikstur/lon, rust/lon/src/lock; lon.nix says what is fetched)."""

from typing import Final

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.json import load
from scanner.parse.nix.lock import LON, Lock
from scanner.parse.nix.pins import Part, Pin, Pins, put_archive, put_hash

VERSION: Final = "1"


def read_lon(source: Source, problems: list[Problem]) -> Lock | None:
    data = load(source, problems, create="lon init", update="lon update")
    if problems:
        return None
    pins = Pins(source, LON, problems, "sources")
    if not isinstance(data, dict):
        pins.refuse("it is no object with `version` and `sources`. Run `lon init`")
        return None
    version = data.get("version")
    if version != VERSION:
        if isinstance(version, str) and version.isdecimal():
            at = pins.positions.value("version").first_line()
            problems.append(
                Problem(at, f"version {version[:9]} of lon's format is not known here. Update snowfence")
            )
        else:
            pins.refuse(
                f'its `version` must be the text "{VERSION}". Restore the file, or run `lon init`', "version"
            )
        return None
    if not isinstance(data.get("sources"), dict):
        pins.refuse("it has no object `sources`. Restore the file, or run `lon init`", "sources")
        return None
    for pin in pins.each(data["sources"]):
        _read(pins, pin)
    return pins.lock(1)


def _read(pins: Pins, pin: Pin) -> None:
    type, fetch = pin.text("type", required=True), pin.text("fetchType", required=True)
    if fetch not in (None, "git", "tarball"):
        pin.refuse("a `fetchType` that lon does not know", "fetchType")
    match type:
        case None:
            return
        case "GitHub":
            parts = _github(pin)
        case "Git":
            parts = _git(pin)
        case "Tarball":
            parts = _tarball(pin)
        case _:
            pin.refuse("a `type` that lon does not know", "type")
            return
    pin.flag("frozen")
    if parts is not None:
        put_hash(parts[1], pin.text("hash", required=True), "hash")
        pins.add(pin, *parts)


def _github(pin: Pin) -> tuple[Part, Part] | None:
    owner, repo = pin.text("owner", required=True), pin.text("repo", required=True)
    url = pin.text("url", required=True)
    if owner is None or repo is None:
        return None
    original = Part("github")
    original.put("owner", owner, "owner")
    original.put("repo", repo, "repo")
    locked = original.copy()
    original.put("ref", pin.text("branch", required=True), "branch")
    revision = pin.text("revision", required=True)
    if url is not None:
        return original, put_archive(original, locked, url, revision)
    locked.put("rev", revision, "revision")
    return original, locked


def _git(pin: Pin) -> tuple[Part, Part] | None:
    url = pin.text("url", required=True)
    if url is None:
        return None
    original = Part("git")
    original.put("url", url, "url")
    if pin.flag("submodules"):
        original.put("submodules", True, "submodules")
    locked = original.copy()
    original.put("ref", pin.text("branch", required=True), "branch")
    locked.put("rev", pin.text("revision", required=True), "revision")
    modified = pin.fields.get("lastModified")
    if isinstance(modified, bool) or not isinstance(modified, int | float | None) or (modified or 0) < 0:
        pin.refuse("no time as `lastModified`", "lastModified")
    else:
        locked.put("lastModified", modified, "lastModified")
    return original, locked


def _tarball(pin: Pin) -> tuple[Part, Part] | None:
    url, origin = pin.text("url", required=True), pin.text("origin")
    if url is None:
        return None
    original, locked = Part("tarball"), Part("tarball")
    original.put("url", origin or url, "origin" if origin else "url")
    if origin is not None:
        original.put("mutable", True, "origin")
    locked.put("url", url, "url")
    locked.put("rev", pin.text("revision"), "revision")
    return original, locked
