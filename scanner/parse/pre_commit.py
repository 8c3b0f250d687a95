"""`.pre-commit-config.yaml`: the repositories whose hooks run at a commit (https://pre-commit.com, "Adding pre-commit plugins").

Read as pre-commit and prek do: `repo: local` and `meta` (prek: `builtin`) bring no code of others.
"""

from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

_OWN: Final = frozenset(("local", "meta", "builtin"))


class HookRepository(NamedTuple):
    """A repository of hooks: where it is cloned from, and the revision that is checked out."""

    repo: Scalar
    rev: Scalar | None
    hooks: tuple[Scalar, ...]
    at: Mapping

    @property
    def scheme(self) -> str | None:
        """The scheme of the URL in lower case; None for `host:path` and for folders."""
        scheme, found, _ = self.repo.value.strip().partition("://")
        return scheme.lower() if found else None

    @property
    def place(self) -> tuple[str, str]:
        """The host in lower case and the path of the repository, without `.git`; both empty for a folder."""
        text = self.repo.value.strip()
        _, found, rest = text.partition("://")
        if found:
            host, _, path = rest.partition("/")
            host = host.rpartition("@")[2].partition(":")[0]
        else:  # user@host:path
            host, found, path = text.partition(":")
            if not found or "/" in host:
                return "", ""
            host = host.rpartition("@")[2]
        return host.lower(), path.strip("/").removesuffix(".git")


class PreCommit(NamedTuple):
    """`repositories` are those that are cloned; `root` is None for a list without keys, which old versions wrote."""

    source: Source
    root: Mapping | None
    repositories: tuple[HookRepository, ...]


def read_pre_commit(source: Source, node: Node | None, problems: list[Problem]) -> PreCommit | None:
    # The reader of YAML speaks of GitHub, which never reads this file.
    problems[:] = [one._replace(message=one.message.replace("GitHub", "pre-commit")) for one in problems]
    root = node if isinstance(node, Mapping) else None
    listed = root.get("repos") if root is not None else node
    if not isinstance(listed, Sequence):
        if not problems:
            at = listed.span.first_line() if listed is not None else Span(source, 0, 0)
            problems.append(
                Problem(at, "pre-commit's configuration must have a list `repos`; pre-commit refuses it")
            )
        return None
    found = []
    for item in listed.items:
        repo = item.get("repo") if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and isinstance(repo, Scalar) and repo.value not in _OWN:
            rev = item.get("rev")
            found.append(HookRepository(repo, rev if isinstance(rev, Scalar) else None, _ids(item), item))
    return PreCommit(source, root, tuple(found))


def _ids(repository: Mapping) -> tuple[Scalar, ...]:
    hooks = repository.get("hooks")
    ids = (
        (hook.get("id") for hook in hooks.items if isinstance(hook, Mapping))
        if isinstance(hooks, Sequence)
        else ()
    )
    return tuple(id for id in ids if isinstance(id, Scalar))
