"""What a repository's workflows say about the repository itself: its name, its owner, the caches that it fills.

Nothing else tells it without a network: a checkout can have any name.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.evaluation.runs import executed
from scanner.analysis.workflows.given import resolved
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode, WorkflowNode
from scanner.parse.uses import RepositoryUse

_NAMED: Final = re.compile(
    r"github\.(repository(?:_owner)?)\s{0,4}==\s{0,4}['\"]{1,2}([\w.-]+(?:/[\w.-]+)?)['\"]", re.I
)
"""In a text of YAML that stands in single quotes they are doubled."""
_SHORTEST: Final = 3
_FILLS: Final = frozenset(("push", "pin", "watch-exec", "watch-store"))


class Own(NamedTuple):
    """In lower case: `repositories` as `owner/name`, `owners`, and the names of the `caches` that its jobs fill."""

    repositories: frozenset[str]
    owners: frozenset[str]
    caches: frozenset[str]

    def is_cache(self, host: str, path: str = "") -> bool:
        """Whether a cache, by its host and the path below it, is filled here or bears the name of the repository or of its
        owner."""
        label = host.lower().removesuffix(".cachix.org")
        parts = label.split(".")[:-1] if label == host.lower() and "." in label else [label]
        parts += [part for part in path.lower().split("/") if part]
        if not self.caches.isdisjoint(parts):
            return True
        names = {_plain(name) for one in self.repositories for name in one.split("/")} | {
            *map(_plain, self.owners)
        }
        return any(
            f"-{name}-" in f"-{_plain(part)}-" for part in parts for name in names if len(name) >= _SHORTEST
        )


def _plain(name: str) -> str:
    return name.lower().replace(".", "-").replace("_", "-")


@per_graph
def own_repository(graph: Graph) -> Own:
    repositories: set[str] = set()
    owners: set[str] = set()
    for node in graph.of(WorkflowNode):
        text = node.workflow.source.text
        if "github.repository" not in text:
            continue
        for match in _NAMED.finditer(text):
            name = match[2].lower()
            if match[1].lower() == "repository_owner":
                owners.add(name)
            elif "/" in name:
                repositories.add(name)
                owners.add(name.partition("/")[0])
    return Own(frozenset(repositories), frozenset(owners), frozenset(_filled(graph)))


def _filled(graph: Graph) -> Iterator[str]:
    """The names of the caches that jobs push to."""
    for node in graph.of(StepNode):
        call = node.step.call
        if (
            call is not None
            and isinstance(call.target, RepositoryUse)
            and call.target.slug == "cachix/cachix-action"
        ):
            name, skips = call.inputs.get("name"), call.inputs.get("skipPush")
            writes = call.inputs.get("authToken") or call.inputs.get("signingKey")
            if name is not None and writes is not None and (skips is None or skips.value != "true"):
                yield from (value.value.strip().lower() for _, value in resolved(graph, node, name).values)
        for one in executed(node, ("cachix ", "attic ")):
            words = one.command.texts
            if one.command.program in ("cachix", "attic") and len(words) > 2 and words[1] in _FILLS:
                name_of = next((word for word in words[2:] if not word.startswith("-")), "")
                yield name_of.rpartition(":")[2].lower()
