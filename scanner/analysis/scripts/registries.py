"""Uploads to package registries: which registries take a short-lived token of the job ("trusted publishing") and which ways
of uploading go without one.

Sources: zizmor 1.32 (`use-trusted-publishing`) for programs and actions; the registries' own pages on trusted publishing
(PyPI, crates.io, RubyGems.org, npm, NuGet.org).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.uses.coordinates import Boolean, Condition, Every, Filled, OneOf
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode
from scanner.parse.workflow import Job, Permissions, Workflow

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command

_PYPI: Final = frozenset(("https://upload.pypi.org/legacy/", "https://test.pypi.org/legacy/"))
_RUBY: Final = frozenset(("https://rubygems.org",))
_NPM: Final = frozenset(("https://registry.npmjs.org", "https://registry.npmjs.org/"))


class Stored(NamedTuple):
    """When an action uses a stored credential, the input that says so, and the registry."""

    condition: Condition
    input: str
    registry: str


PYPI: Final = "PyPI"
NPM: Final = "npm"
CRATES: Final = "crates.io"
GEMS: Final = "RubyGems.org"
NUGET: Final = "NuGet.org"

ACTIONS: Final = {
    "pypa/gh-action-pypi-publish": Stored(
        Every(
            (
                Filled("password"),
                OneOf("repository-url", _PYPI, True),
                OneOf("repository_url", _PYPI, True),
            )
        ),
        "password",
        PYPI,
    ),
    "rubygems/release-gem": Stored(
        Boolean("setup-trusted-publisher", True, False), "setup-trusted-publisher", GEMS
    ),
    "rubygems/configure-rubygems-credentials": Stored(
        Every((Filled("api-token"), OneOf("gem-server", _RUBY, True))), "api-token", GEMS
    ),
    "actions/setup-node": Stored(
        Every((OneOf("registry-url", _NPM, True), Boolean("always-auth", False))), "always-auth", NPM
    ),
}
"""Actions by `owner/repository`."""

_DRY: Final = frozenset(("--dry-run",))
_DRY_OR_N: Final = frozenset(("--dry-run", "-n"))


class _Way(NamedTuple):
    """The words that must follow the program in this order, others between them; `*` at the end of one stands for any rest."""

    words: tuple[str, ...]
    tries: frozenset[str] = frozenset()


_WAYS: Final = {
    "cargo": (_Way(("publish",), _DRY_OR_N),),
    "uv": (_Way(("publish",), _DRY), _Way(("run", "twine", "upload"))),
    "uvx": (_Way(("twine*", "upload")),),
    "hatch": (_Way(("publish",)),),
    "pdm": (_Way(("publish",)),),
    "poetry": (_Way(("publish",), _DRY),),
    "flit": (_Way(("publish",)),),
    "twine": (_Way(("upload",)),),
    "pipx": (_Way(("run", "twine*", "upload")),),
    "python": (_Way(("-m", "twine", "upload")),),
    "gem": (_Way(("push",)),),
    "bundle": (_Way(("exec", "gem", "push")),),
    "npm": (_Way(("publish",), _DRY),),
    "pnpm": (_Way(("publish",), _DRY),),
    "yarn": (_Way(("npm", "publish"), _DRY_OR_N), _Way(("publish",))),  # yarn 1 has no trial run
    "bun": (_Way(("publish",), _DRY),),
    "bunx": (_Way(("npm", "publish"), _DRY), _Way(("npm@*", "publish"), _DRY)),
    "nuget": (_Way(("push",)),),
    "dotnet": (_Way(("nuget", "push")),),
}
_NAMES: Final = ("publish", "push", "upload")

_REGISTRY: Final = frozenset(
    "--registry --repository --repository-url --publish-url --index --index-url --host --source -s -r".split()
)
_KNOWN: Final = (
    "pypi.org",
    "pypi",
    "testpypi",
    "rubygems.org",
    "registry.npmjs.org",
    "npmjs.com",
    "crates.io",
    "crates-io",
    "nuget.org",
)


_HOMES: Final = {
    "cargo": CRATES,
    "gem": GEMS,
    "bundle": GEMS,
    "npm": NPM,
    "pnpm": NPM,
    "yarn": NPM,
    "bun": NPM,
    "bunx": NPM,
    "nuget": NUGET,
    "dotnet": NUGET,
}
"""Where a program uploads to; all others upload to PyPI."""


class Upload(NamedTuple):
    """`program` without its folder and ending; `registry` is where it uploads to when none is named. `elsewhere` says that the command names a registry that is none of those with trusted publishing, or that only a run
    can tell."""

    program: str
    registry: str
    elsewhere: bool


def mentions_upload(script: str) -> bool:
    """Whether a text may hold such a command."""
    return any(name in script for name in _NAMES)


def upload(command: "Command") -> Upload | None:
    """What a command uploads to a registry; None for all others, and for trial runs."""
    program = command.program.rpartition("\\")[2].lower().removesuffix(".exe").removesuffix(".cmd")
    if program.startswith("python"):
        program = "python"
    texts = command.texts[1:]
    for way in _WAYS.get(program, ()):
        if _follows(texts, way.words):
            elsewhere = any(not _is_known(name) for name in _registries(texts))
            return (
                Upload(program, _HOMES.get(program, PYPI), elsewhere) if way.tries.isdisjoint(texts) else None
            )
    return None


def _follows(texts: Sequence[str], wanted: Sequence[str]) -> bool:
    rest = iter(texts)
    return all(any(_fits(text, word) for text in rest) for word in wanted)


def _fits(text: str, wanted: str) -> bool:
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted


def _registries(texts: Sequence[str]) -> Iterator[str]:
    for index, text in enumerate(texts):
        name, equals, value = text.partition("=")
        if name.lower() in _REGISTRY or name.lower() == "-source":
            if equals:
                yield value
            elif index + 1 < len(texts):
                yield texts[index + 1]


def _is_known(registry: str) -> bool:
    host = registry.lower().partition("://")[2].partition("/")[0] or registry.lower()
    return host in _KNOWN or any(host.endswith(f".{name}") for name in _KNOWN if "." in name)


def may_identify(graph: Graph, workflow: Workflow, job: Job) -> bool | None:
    """Whether a job may ask GitHub for a token that proves who it is (`id-token: write`). A called workflow's job that says no
    `permissions` has its caller's; None when no file of the repository tells what that is."""
    permissions = job.permissions or workflow.permissions
    if permissions is not None:
        return _identifies(permissions)
    if workflow.events != {"workflow_call"}:
        return False  # the default token never may
    known, id = _called(graph), workflow_id(workflow.source)
    if id not in known:
        known[id] = _by_callers(graph, id)
    return known[id]


@per_graph
def _called(_: Graph) -> dict[str, bool | None]:
    """Answers of `_by_callers`."""
    return {}


def _by_callers(graph: Graph, called: str) -> bool | None:
    """Whether all callers of a workflow, and theirs, let it identify itself; False when one does not."""
    found: bool | None = True
    waiting, seen = [called], {called}
    while waiting:
        callers = [graph.nodes[edge.source] for edge in graph.into(waiting.pop(), "calls")]
        if not callers:
            found = None
        for caller in callers:
            if not isinstance(caller, JobNode):
                continue
            permissions = caller.job.permissions or caller.workflow.permissions
            id = workflow_id(caller.workflow.source)
            if permissions is not None:
                if not _identifies(permissions):
                    return False
            elif caller.workflow.events != {"workflow_call"}:
                return False
            elif id not in seen:
                seen.add(id)
                waiting.append(id)
    return found


def _identifies(permissions: Permissions) -> bool:
    if permissions.everything is not None:
        return permissions.everything.value == "write-all"
    return any(
        entry.key.value == "id-token" and entry.value.value == "write" for entry in permissions.entries
    )
