"""The bill of materials of a repository, before it has a format: what it locks, runs and builds on, as `components.py` reads it from the
graph and `vulnerabilities.py` completes it. Every writer prints this and asks nothing else.

Texts are ready to be written: `line_of` has replaced what XML and strict readers of JSON cannot hold.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from scanner.model.secrets import masked
from scanner.model.vex import Justification, Response, State

if TYPE_CHECKING:
    from packageurl import PackageURL

Kind = Literal[
    "flake-input", "pin", "action", "reusable-workflow", "image", "nix-installer", "hook-repository"
]
"""What a component is to the repository: a kind of node, as `snowfence graph` names them."""

ComponentType = Literal["application", "container", "library"]
"""What a component is in itself, in the words of CycloneDX."""

LinkKind = Literal["vcs", "distribution", "website"]
"""What a link leads to, in the words of CycloneDX: a repository, an archive that can be downloaded, a page for people."""

HashOf = Literal["nar", "file"]
"""What a hash is of: the tree as Nix serialises it, which no server offers for download, or the one file that the `distribution` link gives."""

Properties = tuple[tuple[str, str], ...]
"""Names and values; a name may occur several times."""


class Occurrence(NamedTuple):
    """A place that names a component: a file by its path in the checkout, a line (from 1), characters from the file's start, and the node of the graph that stands there."""

    path: str
    line: int
    offset: int
    symbol: str


class Hash(NamedTuple):
    """A SHA-256 in lower-case hexadecimal digits."""

    hex: str
    of: HashOf


class Link(NamedTuple):
    """An address without credentials."""

    kind: LinkKind
    url: str


class Commit(NamedTuple):
    """The commit that a component is; `url` is its page where the server is known to have one, `made` its time as a lock has it."""

    id: str
    url: str | None = None
    made: datetime | None = None


class License(NamedTuple):
    """What the authors say in the repository (`declared`): an SPDX expression. `single`: it is one id of SPDX and nothing more."""

    expression: str
    single: bool


class Component(NamedTuple):
    """Something of others that the repository builds on. `id` is unique in the bill, and that of its node in the graph.

    `version` is the commit where that is known, else the ref, tag or version that is asked for; never what a comment says.
    """

    id: str
    kind: Kind
    type: ComponentType
    name: str
    group: str | None = None
    version: str | None = None
    purl: "PackageURL | None" = None
    hash: Hash | None = None
    license: License | None = None
    links: tuple[Link, ...] = ()
    commits: tuple[Commit, ...] = ()
    properties: Properties = ()
    occurrences: tuple[Occurrence, ...] = ()


class Subject(NamedTuple):
    """The repository that the bill is about. `version` is its commit, None where that is not known."""

    id: str
    name: str
    version: str | None = None
    purl: "PackageURL | None" = None


class Rating(NamedTuple):
    """How severe a vulnerability is, to whom; `severity` is critical, high, medium, low, info, none or unknown. A score stands only beside
    the vector that it comes from; `method` is one of CycloneDX (`CVSSv31`)."""

    severity: str
    source: str | None = None
    source_url: str | None = None
    method: str | None = None
    vector: str | None = None
    score: str | None = None


class Reference(NamedTuple):
    """Another name of a vulnerability (`CVE-2025-30066`), with who gave it and its page there."""

    id: str
    source: str
    url: str


Status = Literal["affected", "unaffected", "unknown"]
"""Whether a version has a vulnerability, in the words of CycloneDX."""


class Affected(NamedTuple):
    """A component (by its `id`) that is named with a vulnerability: the version that is used, the range of those that have it (`vers:`), and
    whether the former does."""

    id: str
    version: str | None = None
    range: str | None = None
    status: Status = "affected"


class Analysis(NamedTuple):
    """What somebody has decided about a vulnerability here (VEX)."""

    state: State
    justification: Justification | None = None
    responses: tuple[Response, ...] = ()
    detail: str | None = None


CERTAINTY: Final = "snowfence:certainty"
"""The property of a vulnerability that says how certain it is that the components have it."""


class Vulnerability(NamedTuple):
    """A known vulnerability of components. `key` is unique in the bill; one `id` can stand in it several times where components are judged
    differently. `analysis` is None where nobody has said anything."""

    key: str
    id: str
    source: str
    source_url: str
    affects: tuple[Affected, ...]
    references: tuple[Reference, ...] = ()
    ratings: tuple[Rating, ...] = ()
    cwes: tuple[int, ...] = ()
    description: str | None = None
    recommendation: str | None = None
    advisories: tuple[str, ...] = ()
    """URLs of texts about it."""
    published: datetime | None = None
    updated: datetime | None = None
    analysis: Analysis | None = None
    properties: Properties = ()


Completeness = Literal["complete", "incomplete", "unknown"]
"""How much of what a component depends on the bill has: all that a lock can list; not all, since a file could not be read; as much as could
be found. In the words of CycloneDX (https://cyclonedx.org/docs/1.6/json/#compositions_items_aggregate)."""


class Bill(NamedTuple):
    """The bill of a repository.

    `components` are in the order of their ids. `dependencies` has for each id, also the subject's, the ids of what it depends on, in order;
    one without any has an empty entry, one of which nobody knows has none. `completeness` has every id. `knowledge` is the digest of the
    tables used, `tool` the version of snowfence, `left_out` the number of files that the policy leaves out, of which the bill knows nothing.
    """

    subject: Subject
    timestamp: datetime
    tool: str
    components: tuple[Component, ...] = ()
    dependencies: Mapping[str, tuple[str, ...]] = {}
    completeness: Mapping[str, Completeness] = {}
    vulnerabilities: tuple[Vulnerability, ...] = ()
    knowledge: str | None = None
    left_out: int = 0


_IMPOSSIBLE: Final = {
    **{code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)},
}


def line_of(text: str) -> str:
    """A text of the input without secrets, as one line that every format can hold: control characters and halves of surrogate pairs, which XML has no way
    to write, become visible (`\\u001b`)."""
    return _possible(masked(text))


def _possible(text: str) -> str:
    return text.translate(_IMPOSSIBLE) if not text.isprintable() else text


def text_of(text: str) -> str:
    """A text of several lines, such as a reason in a policy, each as `line_of` has it."""
    return "\n".join(map(line_of, text.split("\n")))


def id_of(node: str) -> str:
    """The id of a component, by its node's. Two nodes never get the same."""
    return _possible(node.replace("\\", "\\\\"))
