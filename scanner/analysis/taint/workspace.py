"""What outsiders wrote among the files of a job: the trees that are there when a step starts.

Steps are walked in their order. What a step brings stays for those behind it; a checkout of trusted code into the same folder, in
every run, clears it. What is fetched by `git` is among the files once a command of git takes it up, an archive once it is
unpacked. A local composite action brings what its steps bring, and its steps find what those who use it have brought.
"""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.outsiders.reach import Reach
from scanner.analysis.taint.artifacts import downloaded, unpacked
from scanner.analysis.taint.checkouts import Checkouts, takes
from scanner.analysis.taint.folders import place
from scanner.analysis.taint.origins import Origins
from scanner.analysis.taint.places import lies_in
from scanner.analysis.taint.trees import Tree, way_in
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import parent_of, steps_of
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Note
from scanner.parse.uses import RepositoryUse

MAX_TREES: Final = 30
"""Trees of a job that are kept."""

MAX_DEPTH: Final = 8
"""Actions in one another that are looked into; GitHub allows ten."""

MAX_USERS: Final = 20
MAX_UPLOADS: Final = 50


class _Walk:
    """The steps of a job or composite action, and what there is before each, as far as they have been walked."""

    __slots__ = ("before", "brought", "busy", "lying", "packed", "places", "steps")

    def __init__(self, steps: tuple[StepNode, ...]) -> None:
        self.steps: Final = steps
        self.places: Final = {step.id: number for number, step in enumerate(steps)}
        self.before: list[tuple[Tree, ...]] = [()]
        self.brought: list[tuple[Tree, ...]] = []
        self.lying: tuple[Tree, ...] = ()
        self.packed: tuple[Tree, ...] = ()
        self.busy = False


class Workspace:
    """Answers for one graph. Each step is looked at once; asked in a circle, about a step behind the one that is being looked at,
    it says what is known so far."""

    def __init__(self, graph: Graph, knowledge: Knowledge, reach: Reach, origins: Origins) -> None:
        self._graph = graph
        self._reach = reach
        self._origins = origins
        self._checkouts = Checkouts(graph, knowledge, origins, lock_of(graph))
        self._walks: dict[str, _Walk] = {}
        self._outer: dict[str, tuple[Tree, ...]] = {}
        self._uploads: dict[str, tuple[tuple[str, str, Tree], ...]] = {}
        self._depth = 0

    def before(self, node: StepNode) -> tuple[Tree, ...]:
        """The trees of outsiders' files that are there when a step starts."""
        parent = parent_of(node)
        walk = self._walk(parent)
        number = walk.places.get(node.id)
        if number is None:
            return ()
        self._advance(walk, number)
        found = walk.before[min(number, len(walk.before) - 1)]
        return found if node.job is not None else (*self._around(parent), *found)

    def brought(self, node: StepNode) -> tuple[Tree, ...]:
        """The trees that a step itself brings, also by an action of the repository."""
        walk = self._walk(parent_of(node))
        number = walk.places.get(node.id)
        if number is None:
            return ()
        self._advance(walk, number + 1)
        return walk.brought[number] if number < len(walk.brought) else ()

    def fetched(self, node: StepNode) -> tuple[Tree, ...]:
        """What a step fetches of pull requests and forks, among the files or not yet."""
        return self._fetched(node)[0]

    # ------------------------------------------------------------ the walk

    def _walk(self, parent: str) -> _Walk:
        walk = self._walks.get(parent)
        if walk is None:
            walk = self._walks[parent] = _Walk(steps_of(self._graph, parent))
        return walk

    def _advance(self, walk: _Walk, number: int) -> None:
        """Walks until what there is before the step of a number is known."""
        if walk.busy:
            return
        walk.busy = True
        try:
            while len(walk.before) <= number and len(walk.before) <= len(walk.steps):
                step = walk.steps[len(walk.before) - 1]
                here = walk.before[-1]
                brought = () if never(step.step.condition) else tuple(self._brings(walk, step))
                walk.brought.append(brought)
                cleared = self._checkouts.replaces(step)
                if brought and step.step.condition is None:
                    cleared = brought[0].folder if step.step.call is not None else None
                if cleared is not None and here:
                    here = tuple(
                        one for one in here if one.folder is None or not lies_in(one.folder, cleared)
                    )
                if brought:
                    here = (*here, *brought)[:MAX_TREES]
                walk.before.append(here)
        finally:
            walk.busy = False

    def _brings(self, walk: _Walk, step: StepNode) -> Iterator[Tree]:
        call = step.step.call
        if call is not None and not isinstance(call.target, RepositoryUse):
            yield from self._of_action(step)
            return
        trees, lying = self._fetched(step)
        if call is None and walk.lying and takes(self._graph, step):
            yield from walk.lying
            walk.lying = ()
            trees = tuple(tree for tree in trees if not tree.own)
        if call is None and trees and lying and not takes(self._graph, step):
            walk.lying = (*walk.lying, *(tree for tree in trees if tree.at in lying))[:MAX_TREES]
            trees = tuple(tree for tree in trees if tree.at not in lying)
        yield from trees
        lies = [tree for tree in walk.before[-1] if tree.kind == "artifact"] if call is None else []
        for download in downloaded(self._graph, self._origins, step):
            tree = Tree("artifact", download.at, step.id, download.folder, False, download.how)
            if not download.packed:
                yield tree
                lies.append(tree)
            elif len(walk.packed) < MAX_TREES:
                walk.packed = (*walk.packed, tree)
        yield from self._of_this_run(step)
        if (walk.packed or lies) and call is None:
            for number, (archive, folder, copied) in enumerate(unpacked(self._graph, step)):
                if number == MAX_TREES:
                    break
                if not copied:
                    yield from (tree._replace(folder=folder) for tree in walk.packed)
                    walk.packed = ()
                # An archive or folder among the files of an artifact spreads them.
                yield from (
                    tree._replace(folder=folder)
                    for tree in lies
                    if archive and folder is not None and _spreads(tree.folder, archive, folder)
                )

    def _fetched(self, step: StepNode) -> tuple[tuple[Tree, ...], frozenset[object]]:
        """What a step fetches as trees, and the places of those that are not among the files by that."""
        asked = self._checkouts.of(step)
        if not asked:
            return (), frozenset()
        events = self._reach.of(step)
        trees = []
        for one in asked:
            brings = one.events
            latent = brings is not None and bool(events) and brings.isdisjoint(events)
            ways = tuple((head.events, head.how) for head in one.heads)
            how = way_in(ways, events)
            trees.append(
                Tree(
                    "pull request",
                    one.at,
                    step.id,
                    one.folder,
                    one.fixed,
                    ways[0][1] if how is None else how,
                    one.guarded,
                    one.own,
                    latent,
                    brings,
                    one.guess,
                    all(head.sort == "commit" for head in one.heads),
                    any(head.told for head in one.heads),
                    ways=ways if len(ways) > 1 else (),
                )
            )
        return tuple(trees), frozenset(one.at for one in asked if one.lies)

    # ------------------------------------------------------------ actions of the repository

    def _of_action(self, step: StepNode) -> Iterator[Tree]:
        if self._depth >= MAX_DEPTH:
            return
        self._depth += 1
        try:
            for edge in self._graph.out(step.id, "uses"):
                if isinstance(self._graph.nodes[edge.target], LocalActionNode):
                    walk = self._walk(edge.target)
                    self._advance(walk, len(walk.steps))
                    yield from walk.before[-1]
        finally:
            self._depth -= 1

    def _around(self, action: str) -> tuple[Tree, ...]:
        """What those who use a composite action have brought before."""
        found = self._outer.get(action)
        if found is None:
            self._outer[action] = ()
            if self._depth >= MAX_DEPTH:
                del self._outer[action]
                return ()
            self._depth += 1
            try:
                trees: dict[Tree, None] = {}
                for number, edge in enumerate(self._graph.into(action, "uses")):
                    user = self._graph.nodes[edge.source]
                    if number == MAX_USERS:
                        break
                    if isinstance(user, StepNode):
                        trees.update(dict.fromkeys(self.before(user)))
            finally:
                self._depth -= 1
            found = self._outer[action] = tuple(trees)[:MAX_TREES]
        return found

    # ------------------------------------------------------------ artifacts of the same run

    def _of_this_run(self, step: StepNode) -> Iterator[Tree]:
        """What another job of the workflow has uploaded after it had fetched the code of outsiders."""
        call = step.step.call
        if call is None or step.job is None or not _is(step, "actions/download-artifact"):
            return
        if call.inputs.get("run-id") is not None:
            return
        name = call.inputs.get("name")
        wanted = name.value if name is not None else ""
        for job, given, tree in self._uploaded(workflow_id(step.owner.source)):
            if job != step.job.id.value and _same(wanted, given):
                how = (*tree.how, Note(tree.at, "fetched by another job", "fetched"))
                yield Tree(
                    "artifact",
                    call.text.content.first_line(),
                    step.id,
                    place(call.inputs.get("path")),
                    tree.fixed,
                    how,
                    tree.guarded,
                    events=tree.events,
                    guess=tree.guess,
                    same_run=True,
                )
                return

    def _uploaded(self, workflow: str) -> tuple[tuple[str, str, Tree], ...]:
        """The jobs of a workflow that upload artifacts after they have fetched the code of outsiders, with the artifact's name."""
        known = self._uploads.get(workflow)
        if known is not None:
            return known
        self._uploads[workflow] = ()
        found: list[tuple[str, str, Tree]] = []
        for edge in self._graph.out(workflow, "contains"):
            job = self._graph.nodes[edge.target]
            if isinstance(job, JobNode) and len(found) < MAX_UPLOADS:
                found += self._uploads_of(job)
        self._uploads[workflow] = tuple(found)
        return tuple(found)

    def _uploads_of(self, job: JobNode) -> Iterator[tuple[str, str, Tree]]:
        tree: Tree | None = None
        steps = steps_of(self._graph, job.id)
        if not any(_is(step, "actions/upload-artifact") for step in steps):
            return
        for step in steps:
            call = step.step.call
            if tree is None:
                trees = self._fetched(step)[0]
                tree = next((one for one in trees if one.real), None)
            elif call is not None and _is(step, "actions/upload-artifact"):
                name = call.inputs.get("name")
                yield job.job.id.value, name.value if name is not None else "artifact", tree


def _spreads(lies: str | None, archive: str, folder: str) -> bool:
    """Whether what an archive holds, which lies in one folder, gets out of it."""
    return lies is not None and lies_in(archive, lies) and not lies_in(folder, lies)


def _is(step: StepNode, slug: str) -> bool:
    call = step.step.call
    return call is not None and isinstance(call.target, RepositoryUse) and call.target.slug == slug


def _same(wanted: str, given: str) -> bool:
    """Whether an artifact that is asked for can be one that is given; without a name all of them are meant."""
    return not wanted or "${{" in wanted or "${{" in given or wanted == given
