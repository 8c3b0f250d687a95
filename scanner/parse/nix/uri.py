"""URLs as Nix takes them apart and writes them (RFC 3986, url.cc of Nix 2.34).

Nix normalises what it reads: everything percent-decoded, then encoded again but for letters, digits, `-._~` and a few
more; the query in the order of its names, each once. Octets that are no UTF-8 are kept as surrogate escapes.
"""

from string import ascii_letters, digits
from typing import Final, NamedTuple

from scanner.model.commit import HEX

_ALNUM: Final = ascii_letters + digits
_UNRESERVED: Final = f"{_ALNUM}-._~"
_SUB_DELIMS: Final = "!$&'()*+,;="
_SCHEME: Final = frozenset(f"{_ALNUM}+-.")
_NAME: Final = frozenset(f"{_UNRESERVED}{_SUB_DELIMS}%")
_USER: Final = _NAME | {":"}
_PATH: Final = _USER | {"/", "@"}
# `[` and `]` are allowed by the library that Nix parses with, not by the RFC.
_QUERY: Final = _PATH | {"?", "[", "]"}
_FRAGMENT: Final = _PATH | {"?", "#"}
_LENIENT_QUERY: Final = _QUERY | {" ", '"'}
_LENIENT_FRAGMENT: Final = _FRAGMENT | {" ", '"', "^"}
_ADDRESS: Final = frozenset("0123456789abcdefABCDEF:.")
_MAX_PORT: Final = 65535

_KEPT_IN_PATH: Final = frozenset(f"{_UNRESERVED}:@".encode())
_KEPT_IN_QUERY: Final = _KEPT_IN_PATH | frozenset(b"/?")
_KEPT: Final = frozenset(_UNRESERVED.encode())
_KEPT_IN_ADDRESS: Final = _KEPT | frozenset(b":")
_PLAIN: Final = frozenset(_UNRESERVED)


class NoUri(NamedTuple):
    """Why a text is no URL for Nix, in words for users that continue "it …"."""

    reason: str


class Uri(NamedTuple):
    """A URL in parts, all decoded but the authority, which stands as Nix writes it (None without `//`).

    `path` holds the segments between slashes, the first one empty when it begins with one.
    """

    scheme: str
    authority: str | None
    path: tuple[str, ...]
    query: dict[str, str]
    fragment: str = ""

    @property
    def application(self) -> str | None:
        """The `git` of `git+https`, None without a `+`."""
        application, plus, _ = self.scheme.partition("+")
        return application if plus else None

    @property
    def transport(self) -> str:
        application, plus, transport = self.scheme.partition("+")
        return transport if plus else application

    @property
    def has_host(self) -> bool:
        return self.authority is not None and self.authority.rpartition("@")[2][:1] not in ("", ":")

    def __str__(self) -> str:
        authority = "" if self.authority is None else f"//{self.authority}"
        path = "/".join([encode(segment, _KEPT_IN_PATH) for segment in self.path])
        query = f"?{_query_text(self.query)}" if self.query else ""
        fragment = f"#{encode(self.fragment)}" if self.fragment else ""
        return f"{self.scheme}:{authority}{path}{query}{fragment}"


def encode(text: str, kept: frozenset[int] = _KEPT) -> str:
    """Percent-encoded, but for the octets in `kept`."""
    if _PLAIN.issuperset(text):
        return text
    return "".join([chr(octet) if octet in kept else f"%{octet:02X}" for octet in octets(text)])


def octets(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair out of a JSON escape
        return text.encode("utf-8", "surrogatepass")


def _query_text(query: dict[str, str]) -> str:
    pairs = query.items() if len(query) == 1 else sorted(query.items(), key=lambda pair: octets(pair[0]))
    return "&".join(
        [f"{encode(name, _KEPT_IN_QUERY)}={encode(value, _KEPT_IN_QUERY)}" for name, value in pairs]
    )


def _misplaced(text: str, allowed: frozenset[str]) -> NoUri | None:
    """The first thing in a text that a part of a URL cannot hold."""
    if not allowed.issuperset(text):
        char = next(char for char in text if char not in allowed)
        shown = f"`{char}`" if char.isprintable() and char not in "` " else "a space" if char == " " else None
        return NoUri(f"holds {shown or 'a character'} where a URL cannot have it unless percent-encoded")
    if "%" in text:
        for part in text.split("%")[1:]:
            if len(part) < 2 or not HEX.issuperset(part[:2]):
                return NoUri("holds a `%` that is not followed by two hexadecimal digits")
    return None


def _decoded(text: str) -> str:
    """A text that `_misplaced` has let pass, percent-decoded."""
    if "%" not in text:
        return text
    head, *parts = octets(text).split(b"%")
    return (head + b"".join([bytes((int(part[:2], 16),)) + part[2:] for part in parts])).decode(
        "utf-8", "surrogateescape"
    )


def parse_query(text: str, *, lenient: bool = False) -> dict[str, str] | NoUri:
    """The pairs of a query; of a name that is there twice the first counts, one without `=` not at all."""
    wrong = _misplaced(text, _LENIENT_QUERY if lenient else _QUERY)
    if wrong is not None:
        return wrong
    query: dict[str, str] = {}
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if equals:
            query.setdefault(_decoded(name), _decoded(value))
    return query


def parse_uri(text: str, *, lenient: bool = False) -> Uri | NoUri:
    """The parts of a URL that has a scheme. `lenient` lets spaces and quotes stand in query and fragment."""
    rest, _, fragment = text.partition("#")
    rest, _, query_text = rest.partition("?")
    scheme, colon, rest = rest.partition(":")
    if not colon or not is_scheme(scheme):
        return NoUri("has no scheme such as `https:`")
    authority = None
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        found, rest = _authority(host), slash + path
        if isinstance(found, NoUri):
            return found
        authority = found
    wrong = _misplaced(rest, _PATH) or _misplaced(fragment, _LENIENT_FRAGMENT if lenient else _FRAGMENT)
    if wrong is not None:
        return wrong
    query = parse_query(query_text, lenient=lenient) if query_text else {}
    if isinstance(query, NoUri):
        return query
    segments = rest.split("/")
    if "%" in rest:
        segments = [_decoded(segment) for segment in segments]
    uri = Uri(scheme, authority, tuple(segments), query, _decoded(fragment))
    if uri.transport == "file":
        if uri.has_host:
            return NoUri(
                "names a host, but `file:` URLs are of this machine: write three slashes, `file:///`"
            )
        if not rest:
            uri = uri._replace(path=("", ""))
    return uri


def is_scheme(text: str) -> bool:
    return text[:1].isalpha() and _SCHEME.issuperset(text)


def _authority(text: str) -> str | NoUri:
    """User, host and port as Nix writes them."""
    user, at, host = text.partition("@")
    if not at:
        user, host = "", text
    wrong = _misplaced(user, _USER)
    if wrong is not None:
        return wrong
    if host.startswith("["):
        address, bracket, port = host[1:].partition("]")
        zone = address.partition("%25")[2]
        address = address.partition("%25")[0]
        if not bracket or not _is_address(address) or _misplaced(zone, _NAME) is not None:
            return NoUri("has a host in brackets that is no IPv6 address")
        shown = f"[{encode(_decoded(f'{address}%25{zone}' if zone else address), _KEPT_IN_ADDRESS)}]"
        colon, port = port[:1], port[1:]
        if colon not in ("", ":"):
            return NoUri("has a host in brackets that is no IPv6 address")
    else:
        name, colon, port = host.partition(":")
        wrong = _misplaced(name, _NAME)
        if wrong is not None:
            return wrong
        shown = encode(_decoded(name))
    if port:
        if not (port.isascii() and port.isdecimal()) or len(port) > 20 or not 0 < int(port) <= _MAX_PORT:
            return NoUri("has something after the `:` of its host that is no port")
        shown = f"{shown}:{int(port)}"
    if at:
        name, colon, password = user.partition(":")
        shown = f"{encode(_decoded(name))}{colon}{encode(_decoded(password))}@{shown}"
    return shown


def _is_address(text: str) -> bool:
    return _ADDRESS.issuperset(text) and 2 <= text.count(":") <= 7 and text.count("::") <= 1


def git_uri(text: str) -> Uri | NoUri:
    """The URL of a Git repository, which may also be a path or scp-like (`git@host:path`) (`fixGitURL`)."""
    colon = text.rfind(":")
    if colon >= 0 and not text.startswith("/") and "\n" not in text and "\r" not in text:
        slash = text.find("/")
        at = text.rfind("@", 0, colon if slash < 0 else min(colon, slash))
        if at >= 0:
            text = f"ssh://{text[:at]}@{text[at + 1 : colon]}/{text[colon + 1 :]}"
    if "://" not in text and not text.startswith(("file:", "git+file:")):
        path = tuple(text.split("/"))
        if ":" in path[0]:
            return NoUri("is no URL, nor a path, nor `user@host:path`")
        return Uri("file", "" if text.startswith("/") else None, path, {})
    uri = parse_uri(text)
    if isinstance(uri, Uri) and uri.application == "git":
        return uri._replace(scheme=uri.transport)
    return uri
