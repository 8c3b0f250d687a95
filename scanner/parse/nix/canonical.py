"""References as Nix shows them: the URL that `builtins.flakeRefToString` of Nix 2.34.8 writes."""

from collections.abc import Callable, Mapping
from typing import Final

from scanner.parse.nix.hashes import parse_nar_hash, parse_rev, sri
from scanner.parse.nix.reference import Attribute, Reference, whole
from scanner.parse.nix.schemes import defect
from scanner.parse.nix.uri import NoUri, Uri, git_uri, is_scheme, parse_uri

_SWITCHES: Final = ("shallow", "lfs", "submodules", "exportIgnore")


def canonical(reference: Reference) -> str:
    """The URL of a reference, as `builtins.flakeRefToString` writes it and Nix shows it.

    What Nix cannot write, because it is no reference, is written as `str(reference)` does.
    """
    attributes = reference.attributes
    if defect(attributes) is not None:
        return str(reference)
    writer = _WRITERS.get(reference.type)
    uri = writer(attributes) if writer is not None else None
    if uri is None:
        return str(reference)
    directory = attributes.get("dir")
    if directory:
        uri.query.setdefault("dir", str(directory))
    return str(uri)


def _forge_uri(attributes: Mapping[str, Attribute]) -> Uri | None:
    path = [str(attributes["owner"]), str(attributes["repo"])]
    query: dict[str, str] = {}
    if "ref" in attributes:
        path.append(str(attributes["ref"]))
    rev = _rev(attributes)
    if rev:
        path.append(rev)
    hash_text = _nar_hash(attributes)
    if rev is None or hash_text is None:
        return None
    if hash_text:
        query["narHash"] = hash_text
    if "host" in attributes:
        query["host"] = str(attributes["host"])
    return Uri(str(attributes["type"]), None, tuple(path), query)


def _git_uri(attributes: Mapping[str, Attribute]) -> Uri | None:
    uri, rev = git_uri(str(attributes["url"])), _rev(attributes)
    if (
        isinstance(uri, NoUri)
        or not is_scheme(uri.scheme)
        or rev is None
        or any(not isinstance(attributes.get(name, False), bool) for name in _SWITCHES)
    ):
        return None
    if uri.scheme == "file" and uri.path == ("",):  # no path at all is that of the root
        uri = uri._replace(path=("", ""))
    query = uri.query | ({"rev": rev} if rev else {})
    query |= {"ref": str(attributes["ref"])} if "ref" in attributes else {}
    query |= {name: "1" for name in _SWITCHES if attributes.get(name) is True}
    scheme = uri.scheme if uri.scheme == "git" else f"git+{uri.scheme}"
    return uri._replace(scheme=scheme, query=query)


def _mercurial_uri(attributes: Mapping[str, Attribute]) -> Uri | None:
    uri, rev = parse_uri(str(attributes["url"])), _rev(attributes)
    if isinstance(uri, NoUri) or rev is None:
        return None
    query = uri.query | ({"rev": rev} if rev else {})
    query |= {"ref": str(attributes["ref"])} if "ref" in attributes else {}
    return uri._replace(scheme=f"hg+{uri.scheme}", query=query)


def _download_uri(attributes: Mapping[str, Attribute]) -> Uri | None:
    url = attributes.get("url")
    uri, hash_text = parse_uri(url) if isinstance(url, str) else None, _nar_hash(attributes)
    if not isinstance(uri, Uri) or hash_text is None:
        return None
    return uri._replace(query=uri.query | {"narHash": hash_text}) if hash_text else uri


def _path_uri(attributes: Mapping[str, Attribute]) -> Uri:
    query: dict[str, str] = {}
    for name, value in attributes.items():
        if name in ("type", "path", "dir", "__final"):
            continue
        if isinstance(value, bool):
            query[name] = "1" if value else "0"
        else:
            query[name] = value if isinstance(value, str) else str(whole(value))
    return Uri("path", None, tuple(str(attributes["path"]).split("/")), query)


def _indirect_uri(attributes: Mapping[str, Attribute]) -> Uri | None:
    rev = _rev(attributes)
    if rev is None:
        return None
    path = [
        str(attributes["id"]),
        *([str(attributes["ref"])] if "ref" in attributes else []),
        *([rev] if rev else []),
    ]
    return Uri("flake", None, tuple(path), {})


def _rev(attributes: Mapping[str, Attribute]) -> str | None:
    """The commit in hexadecimal; empty without one, None when it is none."""
    value = attributes.get("rev", "")
    if value == "" and "rev" not in attributes:
        return ""
    found = parse_rev(value) if isinstance(value, str) else None
    return found.octets.hex() if found is not None else None


def _nar_hash(attributes: Mapping[str, Attribute]) -> str | None:
    """The hash in its one form; empty without one, None when it is none."""
    if "narHash" not in attributes:
        return ""
    value = attributes["narHash"]
    found = parse_nar_hash(value) if isinstance(value, str) else None
    return sri(found) if found is not None else None


_WRITERS: Final[dict[str, Callable[[Mapping[str, Attribute]], Uri | None]]] = {
    "github": _forge_uri,
    "gitlab": _forge_uri,
    "sourcehut": _forge_uri,
    "git": _git_uri,
    "hg": _mercurial_uri,
    "tarball": _download_uri,
    "file": _download_uri,
    "path": _path_uri,
    "indirect": _indirect_uri,
}
