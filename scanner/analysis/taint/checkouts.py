"""What a step asks for when it fetches code: by actions/checkout, `git` or `gh`, the code of a pull request or of a fork.

A branch without `repository:` is looked up in this repository, where an outsider cannot push; a commit is found here, too, because
the commits of a fork are reachable through `refs/pull/…` (actions/checkout, README).
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.analysis.scripts.commands import Ran
from scanner.analysis.taint.artifacts import unpacked
from scanner.analysis.taint.checkout_guard import GUARDED_EVENTS, refuses_forks
from scanner.analysis.taint.folders import commands_in, place
from scanner.analysis.taint.heads import Head, heads_of
from scanner.analysis.taint.origin import Origin, Scope
from scanner.analysis.taint.origins import Origins
from scanner.analysis.taint.places import place_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.actions_lock import ActionsLock
from scanner.parse.nodes import Scalar
from scanner.parse.shell_words import Command, Word
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

CHECKOUTS: Final = frozenset(("actions/checkout", "nschloe/action-cached-lfs-checkout"))
"""Actions with the inputs of actions/checkout."""

_TAKES: Final = frozenset(
    "apply cherry-pick checkout merge pull read-tree rebase reset restore stash switch worktree".split()
)
"""Commands of git that put what was fetched among the files."""

_FETCHES: Final = frozenset(("clone", "fetch", "pull"))
_VALUED: Final = frozenset("-C -c --git-dir --work-tree --namespace".split())


_ARCHIVES: Final = ("/archive/", "/tarball", "/zipball", "codeload.github.com", "/legacy.tar", "/legacy.zip")
_PATCHES: Final = (".diff", ".patch")
_APPLY: Final = frozenset(("apply", "am"))
_LOOKS: Final = frozenset(("--check", "--stat", "--numstat", "--summary", "--dry-run"))
_NOWHERE: Final = "\n"
"""No folder at all."""


class Asked(NamedTuple):
    """What a step asks for; the fields are those of `Tree`. `lies` says that it is fetched, and not yet among the files."""

    at: Span
    folder: str | None
    heads: tuple[Head, ...]
    own: bool
    guarded: frozenset[str] = frozenset()
    lies: bool = False

    @property
    def fixed(self) -> bool:
        return all(head.fixed for head in self.heads)

    @property
    def guess(self) -> bool:
        return all(head.guess for head in self.heads)

    @property
    def events(self) -> frozenset[str] | None:
        found: set[str] = set()
        for head in self.heads:
            if head.events is None:
                return None
            found |= head.events
        return frozenset(found)


class Checkouts:
    """Answers for one graph."""

    def __init__(
        self, graph: Graph, knowledge: Knowledge, origins: Origins, lock: ActionsLock | None
    ) -> None:
        self._graph = graph
        self._knowledge = knowledge
        self._origins = origins
        self._lock = lock
        self._folders: dict[str, str | None] = {}
        self._applied: dict[str, int] = {}

    def of(self, node: StepNode) -> tuple[Asked, ...]:
        """What a step fetches of pull requests and forks; of the same thing the first command."""
        call, run = node.step.call, node.step.run
        if call is not None:
            asked = self._of_action(node, call)
            return (asked,) if asked is not None else ()
        if run is not None and any(word in run.script.value for word in ("git", "gh ", "curl ", "wget ")):
            found = tuple(self._of_script(node))
            fetched = tuple(asked for asked in found if not asked.own)
            return fetched or found[:1]
        return ()

    def replaces(self, node: StepNode) -> str | None:
        """The folder that a step fills with trusted files, and clears of all others; None when it does not, or not in every run."""
        call = node.step.call
        if call is None or not isinstance(call.target, RepositoryUse) or call.target.slug not in CHECKOUTS:
            return None
        clean = call.inputs.get("clean")
        if node.step.condition is not None or (clean is not None and clean.value.strip().lower() != "true"):
            return None
        return place(call.inputs.get("path"))

    # ------------------------------------------------------------ actions

    def _of_action(self, node: StepNode, call: Call) -> Asked | None:
        if (
            not isinstance(call.target, RepositoryUse)
            or call.target.slug not in CHECKOUTS
            or call.target.path
        ):
            return None
        ref, repository = call.inputs.get("ref"), call.inputs.get("repository")
        asked = self._asked(node, ref, repository)
        if asked is None:
            return None
        at, heads, own = asked
        guarded: frozenset[str] = frozenset()
        sure = not own and all(head.sort in ("commit", "number", "repository") for head in heads)
        if sure and call.target.slug == "actions/checkout":
            refuses = refuses_forks(node, self._knowledge.actions, self._lock)
            guarded = frozenset(GUARDED_EVENTS) if refuses else guarded
        return Asked(at, place(call.inputs.get("path")), heads, own, guarded)

    def _asked(
        self, node: StepNode, ref: Scalar | None, repository: Scalar | None
    ) -> tuple[Span, tuple[Head, ...], bool] | None:
        """The text, what it names, and whether that is found in this repository only."""
        of_ref = self._named(node, ref) if ref is not None else ()
        of_repository = self._named(node, repository) if repository is not None else ()
        elsewhere = tuple(head for head in of_repository if head.sort in ("repository", "text") or head.guess)
        if not of_ref:
            if not elsewhere or repository is None:
                return None
            # A fixed ref of a fork: its owner decides what it is, unless it is a commit.
            return (
                repository.content.first_line(),
                tuple(head._replace(fixed=False) for head in elsewhere),
                False,
            )
        assert ref is not None
        at = ref.content.first_line()
        if elsewhere:
            return at, of_ref, False
        foreign = tuple(head for head in of_ref if head.sort != "branch")
        named = repository is not None and "${{" not in repository.value
        if repository is not None and named and repository.value.strip():
            return None  # another repository, in which this text names something of its own
        return (at, foreign, False) if foreign else (at, of_ref, True)

    def _named(self, node: StepNode, text: Scalar) -> tuple[Head, ...]:
        if "${{" not in text.value:
            return ()
        scope = Scope(node.owner, node.job, node.step)
        found = self._origins.of_text(text, scope)
        return heads_of(found, self._knowledge, "pull/" in text.value, _field(text.value))

    # ------------------------------------------------------------ commands

    def _of_script(self, node: StepNode) -> Iterator[Asked]:
        remotes: set[str] = set()
        named: set[str] = set()
        for ran, here in commands_in(self._graph, node):
            words = ran.command.words
            match ran.command.program:
                case "gh" | "hub" if ran.command.texts[1:3] == ("pr", "checkout"):
                    heads = heads_of(self._origins_of(node, ran, words[3:]), self._knowledge, pulls=True)
                    yield self._command(ran, here, heads or _SOME, own=False)
                case "gh" if ran.command.texts[1:3] == ("repo", "clone"):
                    heads = self._heads(node, ran, words[3:4])
                    if heads:
                        folder = place_of(words[4].text, here) if len(words) > 4 else None
                        yield self._command(ran, folder, heads, own=False)
                case "git":
                    yield from self._of_git(node, ran, here, remotes, named)
                case "gh" if ran.command.texts[1:3] == ("pr", "diff"):
                    if self._patches(node, ran):
                        heads = heads_of(self._origins_of(node, ran, words[3:]), self._knowledge, pulls=True)
                        yield self._command(ran, here, heads or _SOME, own=False)
                case "curl" | "wget" | "gh" if words[0].text != "gh" or ran.command.texts[1:2] == ("api",):
                    yield from self._of_address(node, ran, here)

    def _of_git(
        self, node: StepNode, ran: Ran, here: str | None, remotes: set[str], named: set[str]
    ) -> Iterator[Asked]:
        words = list(ran.command.words[1:])
        while words and words[0].text.startswith("-"):
            option = words.pop(0).text
            if option in _VALUED and words:
                value = words.pop(0).text
                here = place_of(value, here) if option == "-C" else here
        if not words:
            return
        verb, words = words[0].text, words[1:]
        plain = [word for word in words if not word.text.startswith("-")]
        if verb == "remote" and plain[:1] and plain[0].text in ("add", "set-url"):
            if any(head.sort in ("repository", "text") for head in self._heads(node, ran, plain[2:])):
                remotes.add(plain[1].text)
            elif len(plain) > 2 and _elsewhere(plain[2].text):
                named.add(plain[1].text)
            return
        if verb not in _FETCHES and verb not in ("checkout", "switch", "merge", "reset", "worktree"):
            return
        pulls = any("pull/" in word.text for word in plain)
        heads = tuple(head for word in plain for head in self._of_word(node, ran, word))
        remote = next((word.text for word in plain), "")
        elsewhere = remote in remotes or any(head.sort == "repository" for head in heads)
        if not (elsewhere or pulls or verb == "clone") and (remote in named or _elsewhere(remote)):
            return  # another repository, which is named
        if verb == "clone":
            if elsewhere:
                folder = place_of(plain[1].text, here) if len(plain) > 1 else None
                yield self._command(ran, folder, heads, own=False)
        elif verb in _FETCHES:
            if pulls and not heads:
                if any("*" in word.text for word in plain):
                    return  # all of them, to look at
                heads = _SOME
            if remote in remotes and not heads:
                heads = _SOME
            if heads:
                foreign = tuple(head for head in heads if head.sort != "branch")
                own = not (foreign or pulls or elsewhere)
                asked = self._command(ran, here, heads if own or elsewhere else foreign or heads, own)
                yield asked._replace(lies=verb == "fetch")
        elif heads:
            # Without a fetch, it is found only if it is in this repository.
            yield self._command(ran, here, heads, own=True)

    def _of_address(self, node: StepNode, ran: Ran, here: str | None) -> Iterator[Asked]:
        """What a request fetches: an archive of somebody's repository that is unpacked behind it, a patch that is applied."""
        for word in ran.command.words[1:]:
            if not (word.computed or "${{" in word.text):
                continue
            origins = tuple(self._origins_of(node, ran, (word,)))
            texts = (word.text, *(hop.at.text for origin in origins for hop in origin.hops))
            if any(mark in text for mark in _ARCHIVES for text in texts):
                heads = heads_of(origins, self._knowledge)
                # A branch or a text without a repository of theirs is one of a repository that is named.
                heads = tuple(
                    head for head in heads if head.sort in ("repository", "commit") and not head.guess
                )
                folder = self._unpacks(node) if heads else _NOWHERE
                if folder != _NOWHERE:
                    yield self._command(ran, folder, heads, own=False)
                    return
                continue
            patch = any(mark in text for mark in _PATCHES for text in texts)
            patch = patch or any(origin.path[-1] in ("diff_url", "patch_url") for origin in origins)
            if patch and self._patches(node, ran):
                heads = heads_of(origins, self._knowledge, pulls=True)
                yield self._command(ran, here, heads or _SOME, own=False)
                return

    def _unpacks(self, node: StepNode) -> str | None:
        """The folder into which a step takes archives apart."""
        if node.id not in self._folders:
            folders = (one.folder for one in unpacked(self._graph, node) if not one.copied)
            self._folders[node.id] = next(folders, _NOWHERE)
        return self._folders[node.id]

    def _patches(self, node: StepNode, ran: Ran) -> bool:
        """Whether a command behind one applies a patch to the files."""
        last = self._applied.get(node.id)
        if last is None:
            applying = (
                _start(other) for other, _ in commands_in(self._graph, node) if _applies(other.command)
            )
            last = self._applied[node.id] = max(applying, default=-1)
        return last > _start(ran)

    def _command(self, ran: Ran, folder: str | None, heads: tuple[Head, ...], own: bool) -> Asked:
        return Asked(ran.whole().first_line(), folder, heads, own)

    def _of_word(self, node: StepNode, ran: Ran, word: Word) -> tuple[Head, ...]:
        """What a word of a command of git names: `issue/$NUMBER` is the name of something else."""
        pulls = "pull/" in word.text
        text = word.text.removeprefix("+").removeprefix("refs/heads/").removeprefix("origin/")
        field = _field(word.text) if "${{" in word.text else ""
        heads = heads_of(self._origins_of(node, ran, (word,)), self._knowledge, pulls, field)
        if pulls or text.startswith("$"):
            return tuple(head for head in heads if head.sort != "text" or not head.guess)
        return tuple(head for head in heads if head.sort == "repository")

    def _heads(self, node: StepNode, ran: Ran, words: Iterable[Word]) -> tuple[Head, ...]:
        return heads_of(self._origins_of(node, ran, words), self._knowledge)

    def _origins_of(self, node: StepNode, ran: Ran, words: Iterable[Word]) -> Iterator[Origin]:
        for word in words:
            if word.computed or "${{" in word.text:
                yield from self._origins.of_word(node, ran, word)


def _applies(command: Command) -> bool:
    texts = command.texts
    applies = command.program == "patch" or (command.program == "git" and not _APPLY.isdisjoint(texts[1:4]))
    return applies and _LOOKS.isdisjoint(texts)


def _start(ran: Ran) -> int:
    return ran.whole().start if ran.command.words else -1


def _elsewhere(remote: str) -> bool:
    """Whether the URL of a repository is spelt out."""
    _, colon, path = remote.partition("@" if remote.startswith("git@") else "://")
    return bool(colon) and "$" not in path.rpartition("@")[2]


def _field(text: str) -> str:
    """The last field that an expression reads, for its name: of `${{ fromJSON(x).head.sha }}`, `head.sha`, of
    `${{ steps.x.outputs.sha }}`, `sha`; or empty."""
    expression = text.rstrip(" }")
    json = expression.rpartition(").")
    field = json[2] if json[1] else expression.rpartition(".")[2]
    return field if field.replace(".", "").replace("_", "").replace("-", "").isalnum() else ""


_SOME: Final = (Head("number", None, False, False, ()),)
"""A pull request of which is only known that it is one."""


def takes(graph: Graph, node: StepNode) -> bool:
    """Whether a step puts what was fetched before among the files: by a command of git."""
    run = node.step.run
    if run is None or "git" not in run.script.value:
        return False
    for ran, _ in commands_in(graph, node):
        if ran.command.program == "git" and not _TAKES.isdisjoint(ran.command.texts[1:5]):
            return True
    return False
