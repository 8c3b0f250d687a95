"""What `inputs.x.url` of a flake.nix says, and whether a lock was made for it (flakeref.cc, libfetchers of Nix 2.34.8).

Both were compared with what that Nix answers, for 3,400 texts and 146 pairs of flake.nix and flake.lock. They differ for
URLs of odd inner schemes only (`git+://h`, `git+git+https://h`) and for the zone of an IPv6 address.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from scanner.model.commit import HEX
from scanner.parse.nix.reference import Attribute, Reference, whole
from scanner.parse.nix.schemes import ARCHIVES, FORGES, defect, is_id, is_plain_ref, is_ref
from scanner.parse.nix.uri import NoUri, Uri, git_uri, is_scheme, parse_query, parse_uri

_DOWNLOADS: Final = ("https", "http", "file")
_MERCURIAL: Final = ("hg+http", "hg+https", "hg+ssh", "hg+file")
_ARCHIVES: Final = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst")
_GIT_TEXTS: Final = ("rev", "ref", "keytype", "publicKey", "publicKeys")
_GIT_SWITCHES: Final = ("shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit")
_OF_NIX: Final = ("url", "narHash", "name", "unpack", "rev", "revCount", "lastModified")
_KNOWN: Final = frozenset((*FORGES, *_MERCURIAL, "https", "http", "file", "git", "path", "flake"))
_MEANT: Final = {"ssh": "git+ssh", "file+git": "git+file", "https+git": "git+https", "hg": "hg+https"}
_FRAGMENT: Final = "an input is a whole flake: what stands after the `#` has no meaning here"
_MAX_SHOWN: Final = 40
_MAX_NUMBER: Final = (1 << 64) - 1

Attributes = dict[str, Attribute]


class _NotThis(NamedTuple):
    """A URL that its scheme cannot take: Nix then reads the whole text as a path."""

    reason: str


def parse_reference(text: str, *, flake: bool = True) -> Reference | str:
    """The reference that the `url` of an input is; a text when Nix refuses it: why, a clause for users.

    An input that is no flake (`flake=False`) takes a download for a file unless it is named like an archive. What is no
    URL is a path, relative to the flake.nix: so is a URL that is wrongly written (`github:owner`), which then is not found.
    """
    found = _from_registry(text)
    if found is not None:
        return found
    reference = _from_url(text, flake)
    if not isinstance(reference, _NotThis):
        return reference
    path = _from_path(text)
    # why it is no URL helps more than why it is no path either
    return reference.reason if isinstance(path, str) and is_scheme(text.partition(":")[0]) else path


def _from_registry(text: str) -> Reference | str | None:
    """`nixpkgs`, `nixpkgs/ref`, `nixpkgs/rev`, `nixpkgs/ref/rev`; None for what is not written so."""
    name, _, fragment = text.partition("#")
    name, slash, ref = name.partition("/")
    if not is_id(name) or (slash and not is_plain_ref(ref)):
        return None
    if fragment:
        return _FRAGMENT
    found = _indirect(Uri("flake", None, (name, *ref.split("/")) if slash else (name,), {}))
    return _said(found, "")


def _from_url(text: str, flake: bool) -> Reference | str | _NotThis:
    uri = parse_uri(text, lenient=True)
    if isinstance(uri, NoUri):
        return _NotThis(f"it {uri.reason}")
    directory = uri.query.pop("dir", "")
    reader = _reader(uri, flake)
    if reader is None:
        return _unknown(uri.scheme)
    found = reader(uri)
    if isinstance(found, str | _NotThis):
        return found
    return _FRAGMENT if uri.fragment else _reference(found, directory)


def _unknown(scheme: str) -> str:
    meant = _MEANT.get(scheme) or (scheme.lower() if scheme.lower() in _KNOWN else None)
    advice = f": write `{meant}:`" if meant else ""
    return f"Nix knows no references that begin with `{scheme[:_MAX_SHOWN]}:`{advice}"


def _from_path(text: str) -> Reference | str:
    path, _, fragment = text.partition("#")
    path, _, query_text = path.partition("?")
    query = parse_query(query_text, lenient=True)
    if isinstance(query, NoUri):
        return f"its query {query.reason}"
    if fragment:
        return _FRAGMENT
    directory = query.pop("dir", "")
    return _said(_path(Uri("path", None, tuple(path.split("/")), query)), directory)


def _said(found: "_Found", directory: str) -> Reference | str:
    if isinstance(found, _NotThis):
        return found.reason
    return found if isinstance(found, str) else _reference(found, directory)


def _reference(attributes: Attributes, directory: str) -> Reference | str:
    if directory:
        attributes["dir"] = directory
    for name, value in attributes.items():
        if (
            isinstance(value, str)
            and not value.isascii()
            and any("\ud800" <= char <= "\udfff" for char in value)
        ):
            return f"its `{name}` is no text in UTF-8 when it is percent-decoded"
    return Reference(attributes)


# ---------------------------------------------------------------- URLs of each scheme

_Found = Attributes | str | _NotThis


def _reader(uri: Uri, flake: bool) -> Callable[[Uri], _Found] | None:
    scheme, application = uri.scheme, uri.application
    if uri.transport in _DOWNLOADS:
        kind = application or ("tarball" if flake or uri.path[-1].endswith(_ARCHIVES) else "file")
        if kind in ARCHIVES:
            return lambda uri: _download(uri, kind)
    if scheme == "git" or application == "git":
        return _git
    if scheme in FORGES:
        return _forge
    if scheme in _MERCURIAL:
        return _mercurial
    return {"flake": _indirect, "path": _path}.get(scheme)


def _forge(uri: Uri) -> _Found:
    path = [segment for segment in uri.path if segment]
    if len(path) < 2:
        return _NotThis(f"`{uri.scheme}:` needs an owner and a repository: `{uri.scheme}:owner/repository`")
    attributes: Attributes = {"type": uri.scheme, "owner": path[0], "repo": path[1]}
    if len(path) == 3 and _is_rev(path[2]):
        attributes["rev"] = path[2]
    elif len(path) > 2:
        attributes["ref"] = "/".join(path[2:])
    for name, what in (("rev", "commit"), ("ref", "branch or tag")):
        if name in uri.query:
            if name in attributes:
                return _NotThis(f"it names the {what} twice")
            attributes[name] = uri.query[name]
    for name in ("host", "narHash"):
        if name in uri.query:
            attributes[name] = uri.query[name]
    found = defect(attributes)
    if found is None:
        return attributes
    # a commit that is none is refused for good, the rest is tried as a path
    return f"it {found.reason}" if found.attribute == "rev" else _NotThis(f"it {found.reason}")


def _git(uri: Uri) -> _Found:
    attributes: Attributes = {"type": "git"}
    query: dict[str, str] = {}
    for name, value in uri.query.items():
        if name in _GIT_TEXTS:
            attributes[name] = value
        elif name in _GIT_SWITCHES:
            attributes[name] = value == "1"
        else:
            query[name] = value
    repository = git_uri(str(uri._replace(query=query, fragment="")))
    if isinstance(repository, NoUri):
        return _NotThis(f"it {repository.reason}")
    attributes["url"] = str(repository)
    return _checked(attributes, ("ref", "url"))


def _mercurial(uri: Uri) -> _Found:
    attributes: Attributes = {"type": "hg"}
    attributes |= {name: value for name, value in uri.query.items() if name in ("rev", "ref")}
    query = {name: value for name, value in uri.query.items() if name not in ("rev", "ref")}
    attributes["url"] = str(uri._replace(scheme=uri.transport, query=query, fragment=""))
    return _checked(attributes, ("ref", "url"))


def _checked(attributes: Attributes, tried_as_path: tuple[str, ...]) -> _Found:
    found = defect(attributes)
    if found is None:
        return attributes
    reason = f"it {found.reason}"
    return _NotThis(reason) if found.attribute in tried_as_path else reason


def _download(uri: Uri, kind: str) -> _Found:
    attributes: Attributes = {"type": kind}
    attributes |= {name: uri.query[name] for name in ("narHash", "rev") if name in uri.query}
    for name in ("revCount", "lastModified"):
        number = _number(uri.query.get(name, ""))
        if number is not None:
            attributes[name] = number
    query = {name: value for name, value in uri.query.items() if name not in _OF_NIX}
    attributes["url"] = str(uri._replace(scheme=uri.transport, query=query, fragment=""))
    return attributes


def _path(uri: Uri) -> _Found:
    if uri.has_host:
        return "`path:` takes no host: an absolute path has one slash or three in front"
    if any("/" in segment or "\0" in segment for segment in uri.path):
        return _NotThis("its path holds a `/` or a zero octet that is percent-encoded")
    attributes: Attributes = {"type": "path", "path": _joined(uri.path)}
    for name, value in uri.query.items():
        if name in ("revCount", "lastModified"):
            number = _number(value)
            if number is None:
                return f"its `{name}` is not a number"
            attributes[name] = number
        elif name in ("rev", "narHash"):
            attributes[name] = value
        else:
            return "a path takes no parameters but `dir`, `rev`, `narHash`, `revCount` and `lastModified`"
    return attributes


def _indirect(uri: Uri) -> _Found:
    path = [segment for segment in uri.path if segment]
    if not 1 <= len(path) <= 3:
        return _NotThis("a name of the registry is followed by at most a branch and a commit")
    attributes: Attributes = {"type": "indirect", "id": path[0]}
    if len(path) == 3 and not _is_rev(path[2]):
        return _NotThis("what follows the branch is no full commit id")
    for at, part in enumerate(path[1:], 2):
        if at == len(path) and _is_rev(part):
            attributes["rev"] = part.lower()
        elif is_ref(part):
            attributes["ref"] = part
        else:
            return _NotThis("what follows the name is neither a branch or tag nor a full commit id")
    return _checked(attributes, ("id",))


def _is_rev(text: str) -> bool:
    return len(text) == 40 and HEX.issuperset(text)


def _number(text: str) -> int | None:
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdecimal() or len(digits.lstrip("0")) > 20:
        return None
    number = int(digits.lstrip("0") or "0")
    return number if number <= _MAX_NUMBER else None


def _joined(segments: tuple[str, ...]) -> str:
    """A path of segments, of which empty ones do not count but at the ends."""
    root = "/" if not segments[0] else ""
    path = root + "/".join([segment for segment in segments if segment])
    return f"{path}/" if len(segments) > 1 and not segments[-1] and not path.endswith("/") else path


# ---------------------------------------------------------------- comparing


def same_request(one: Reference, other: Reference) -> bool:
    """Whether Nix takes the `original` of a lock and the reference of flake.nix for the same (`FlakeRef::canonicalize`).

    Attribute by attribute, as it is written: `NixOS` is not `nixos`, and a branch that is named is not the default one.
    Only URLs are normalised, and a `dir` in them counts once.
    """
    return _request(one) == _request(other)


def _request(reference: Reference) -> dict[str, tuple[type, Attribute]]:
    attributes = dict(reference.attributes)
    directory = attributes.get("dir")
    if directory == "":
        del attributes["dir"]
    url = attributes.get("url")
    if isinstance(url, str):
        if reference.type == "git":
            uri = git_uri(url)
            url = url if isinstance(uri, NoUri) else str(uri)
        uri = parse_uri(url, lenient=True)
        if isinstance(uri, Uri):
            if directory and uri.query.get("dir") == directory:
                del uri.query["dir"]
            url = str(uri)
        attributes["url"] = url
    # 1, 1.0 and true are equal for Python; for Nix the last is not
    return {
        name: (bool, value)
        if isinstance(value, bool)
        else (int, whole(value))
        if isinstance(value, float)
        else (type(value), value)
        for name, value in attributes.items()
    }
