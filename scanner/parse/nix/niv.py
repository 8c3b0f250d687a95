"""niv: `nix/sources.json` (nmattia/niv, src/Niv; nix/sources.nix says what is fetched).

The file has no version and others use its name as well: what has not the shape of niv's pins is left alone. A pin has `url`
and `sha256`, a clone `repo` and `rev`; the format knows no dates.
"""

from typing import Final

from scanner.model.finding import Problem
from scanner.model.json import Json
from scanner.model.source import Source
from scanner.parse.json import load
from scanner.parse.nix.lock import NIV, Lock
from scanner.parse.nix.pins import Part, Pin, Pins, put_archive, put_hash
from scanner.parse.nix.urls import of_archive

_TYPES: Final = ("tarball", "file", "git", "local", "builtin-tarball", "builtin-url")
_LONGEST_URL: Final = 10_000
_ARCHIVES: Final = (".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz", ".tar", ".zip")


def read_niv(source: Source, problems: list[Problem]) -> Lock | None:
    refused: list[Problem] = []
    data = load(source, refused, create="niv init", update="niv update")
    if refused:
        if _speaks_of_niv(source.text):
            problems.extend(refused)
        return None
    if not isinstance(data, dict) or not _is_niv(data):
        return None
    pins = Pins(source, NIV, problems)
    for pin in pins.each(data):
        _read(pins, pin)
    return pins.lock(1)


def _speaks_of_niv(text: str) -> bool:
    """Whether a broken file was one of niv's: it writes a template of the URL, a commit and a hash for every pin."""
    return '"url_template"' in text or ('"sha256"' in text and '"rev"' in text)


def _is_niv(data: dict[str, Json]) -> bool:
    """Whether any object is a pin for sure, or all are objects and one of them looks like a pin."""
    objects = [value for value in data.values() if isinstance(value, dict)]
    if any(isinstance(one.get("url_template"), str) for one in objects):
        return True
    return len(objects) == len(data) and any(_looks_like_pin(one) for one in objects)


def _looks_like_pin(fields: dict[str, Json]) -> bool:
    if fields.get("type") in _TYPES and {"url", "repo", "path"} & fields.keys():
        return True
    return isinstance(fields.get("rev"), str) and bool({"url", "repo", "sha256"} & fields.keys())


def _read(pins: Pins, pin: Pin) -> None:
    type = pin.text("type")
    match type:
        case "git":
            parts = _git(pin)
        case "local":
            parts = _local(pin)
        case None | "tarball" | "builtin-tarball" | "file" | "builtin-url":
            parts = _fetched(pin, type)
        case _:
            pin.refuse("a `type` that niv does not know", "type")
            return
    if parts is not None:
        pins.add(pin, *parts)


def _git(pin: Pin) -> tuple[Part, Part] | None:
    repo = pin.text("repo", required=True)
    if repo is None:
        return None
    original, locked = Part("git"), Part("git")
    for part in (original, locked):
        part.put("url", repo, "repo")
        if pin.flag("submodules"):
            part.put("submodules", True, "submodules")
    for key in ("tag", "ref", "branch"):  # niv updates by the branch, Nix fetches by the others first
        original.put("ref", pin.text(key), key)
    locked.put("rev", pin.text("rev"), "rev")
    return original, locked


def _local(pin: Pin) -> tuple[Part, Part] | None:
    path = pin.text("path", required=True)
    if path is None:
        return None
    original, locked = Part("path"), Part("path")
    original.put("path", path, "path")
    locked.put("path", path, "path")
    return original, locked


def _fetched(pin: Pin, type: str | None) -> tuple[Part, Part] | None:
    url = pin.text("url")
    template = pin.text("url_template")
    if url is None and template is None and (pin.text("owner") is None or pin.text("repo") is None):
        pin.refuse("no `url`", "url")
        return None
    unpacked = type.endswith("tarball") if type is not None else (url or "").endswith(_ARCHIVES)
    original = _asked(pin, template, url, "tarball" if unpacked else "file")
    revision, hash = pin.text("rev"), pin.text("sha256")
    if not unpacked:
        locked = Part("file", "url")
        locked.put("url", url, "url")
        locked.put("rev", revision, "rev")
        locked.put("flat", True, "type")
    elif url is None:
        locked = original.copy()
        locked.put("rev", revision, "rev")
    else:
        locked = put_archive(original, _without_version(original), url, revision, "rev")
    put_hash(locked, hash, "sha256")
    return original, locked


def _asked(pin: Pin, template: str | None, url: str | None, kind: str) -> Part:
    """What an update asks for: a branch of the repository that the template of the URL names, or the template itself
    with the values of the pin."""
    owner, repo = pin.text("owner"), pin.text("repo")
    if template is None and kind == "tarball" and owner is not None and repo is not None:
        made = Part("github")
        made.put("owner", owner, "owner")
        made.put("repo", repo, "repo")
        made.put("ref", pin.text("branch"), "branch")
        return made
    if template is None:
        made = Part(kind)
        made.put("url", url, "url")
        return made
    at, filled = "url_template", _filled(pin, template)
    found = of_archive(filled) if kind == "tarball" else None
    if found is None:
        made = Part(kind)
        made.put("url", filled, at)
        return made
    made = Part(str(found["type"]), at)
    made.put("host", found.get("host"), at)
    made.put("owner", found["owner"], "owner" if "<owner>" in template else at)
    made.put("repo", found["repo"], "repo" if "<repo>" in template else at)
    if "<rev>" in template:
        made.put("ref", pin.text("branch"), "branch")
    else:
        made.put("ref", found.get("ref"), at)  # of a version
        made.put("rev", found.get("rev"), at)
    return made


def _filled(pin: Pin, template: str) -> str:
    """A template with each `<name>` replaced by the pin's attribute of that name; as it is when that is no URL by its
    length."""
    first, *rest = template.split("<")
    parts, size = [first], len(first)
    for piece in rest:
        name, closed, after = piece.partition(">")
        value = pin.fields.get(name) if closed else None
        parts.append(f"{value}{after}" if isinstance(value, str) else f"<{piece}")
        size += len(parts[-1])
        if size > _LONGEST_URL:
            return template
    return "".join(parts)


def _without_version(original: Part) -> Part:
    made = original.copy()
    for name in ("ref", "rev", "url"):
        made.attributes.pop(name, None)
        made.keys.pop(name, None)
    return made
