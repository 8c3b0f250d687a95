"""Steps that may turn a run which outsiders start into harm: they take in or run what others have written, or do something
of which nothing is known. What only labels, answers or sorts is none."""

from typing import Final

from scanner.analysis.scripts.commands import OTHERS, Ran, commands_of
from scanner.analysis.scripts.plain import PLAIN
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.agents import refuses_strangers
from scanner.analysis.taint.deciders import Decider
from scanner.analysis.taint.origins import Scope
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import LocalActionNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

MAX_DEPTH: Final = 8
"""Actions in one another that are looked into."""

# Source: the action.yml and README of each: it takes no code and runs no text.
_HARMLESS: Final = frozenset(
    """
    actions/add-to-project actions/create-github-app-token actions/first-interaction actions/labeler actions/stale
    actions-cool/check-user-permission actions-cool/issues-helper actions-ecosystem/action-add-labels
    actions-ecosystem/action-remove-labels agilepathway/label-checker amannn/action-semantic-pull-request
    cla-assistant/github-action codelytv/pr-size-labeler contributor-assistant/github-action
    dependabot/fetch-metadata dessant/label-actions dessant/lock-threads dessant/repo-lockdown dessant/support-requests
    eps1lon/actions-label-merge-conflict fuxingloh/multi-labeler github/issue-labeler
    homebrew/actions/limit-pull-requests hustcer/milestone-action kentaro-m/auto-assign-action lee-dohm/no-response
    marocchino/sticky-pull-request-comment mheap/github-action-required-labels mshick/add-pr-comment
    pascalgn/size-label-action peter-evans/close-issue peter-evans/create-or-update-comment peter-evans/find-comment
    pozil/auto-assign-issue prince-chrismc/check-actor-permissions-action release-drafter/release-drafter
    release-drafter/release-drafter/autolabeler
    slackapi/slack-github-action srvaroa/labeler step-security/harden-runner thollander/actions-comment-pull-request
    tiangolo/issue-manager tibdex/github-app-token timonvs/pr-labeler-action toshimaru/auto-author-assign wow-actions/welcome
    """.split()
)
"""Actions that label, sort, assign, comment or tell others, and neither fetch nor run nor merge anything (their READMEs)."""

_SCRIPT_RISKS: Final = (
    "exec", "eval", "Function(", "child_process", "require(", "import(", "Artifact", "exportVariable", "addPath", "GITHUB_ENV",
    "GITHUB_PATH", "merge", "createReview", "createWorkflowDispatch", "createDispatchEvent",
)  # fmt: skip
"""What a script of `actions/github-script` mentions that does more: runs code, loads it, fetches files, lets changes in."""

_GH: Final = frozenset(
    "api auth cache issue label pr project release repo run search status variable".split()
)
_GH_RISKS: Final = frozenset(
    ("pr checkout", "pr merge", "pr review", "release download", "repo clone", "repo sync", "run download")
)
_API_RISKS: Final = (
    "artifacts",
    "zipball",
    "tarball",
    "/merge",
    "/reviews",
    "/dispatches",
    "/contents",
    "graphql",
)
_GIT: Final = frozenset("config describe diff log ls-files merge-base rev-list rev-parse show status".split())
_TRUSTED: Final = frozenset((Decider.ADMIN, Decider.CALLER, Decider.INSIDER, Decider.NOBODY_TODAY))


class Risks:
    """Answers for one graph."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self._knowledge = knowledge
        self._taint = taint_of(graph, knowledge)
        self._known: dict[str, tuple[StepNode, ...]] = {}

    def of(self, parent: str, depth: int = 0) -> tuple[StepNode, ...]:
        """The steps of a job or composite action, given by its id, that may do harm."""
        if parent not in self._known:
            self._known[parent] = ()
            self._known[parent] = tuple(
                step
                for step in steps_of(self._graph, parent)
                if not never(step.step.condition) and self._is_risk(step, depth)
            )
        return self._known[parent]

    def looks_itself(self, node: StepNode) -> bool:
        """Whether what a step does looks at who started the run of itself: an action that asks a model and refuses strangers."""
        return refuses_strangers(self._graph, self._knowledge, node)

    def _is_risk(self, node: StepNode, depth: int) -> bool:
        call, run = node.step.call, node.step.run
        if run is not None:
            return self._script(node, run.script)
        if call is None:
            return False
        if isinstance(call.target, RepositoryUse):
            return self._action(node, call, call.target)
        targets = (self._graph.nodes[edge.target] for edge in self._graph.out(node.id, "uses"))
        local = next((one for one in targets if isinstance(one, LocalActionNode)), None)
        using = local.action.using if local is not None else None
        if local is None or using is None or using.value.lower() != "composite" or depth >= MAX_DEPTH:
            return True
        return bool(self.of(local.id, depth + 1))

    def _action(self, node: StepNode, call: Call, use: RepositoryUse) -> bool:
        if call.inputs.expression is not None:
            return True
        name = f"{use.slug}/{use.path.lower()}" if use.path else use.slug
        match name:
            case "actions/checkout":
                given = (call.inputs.get("ref"), call.inputs.get("repository"))
                return bool(self._taint.workspace.fetched(node)) or any(
                    "${{" in value.value or "pull/" in value.value for value in given if value is not None
                )
            case "actions/github-script":
                script = call.inputs.get("script")
                if script is None or any(word in script.value for word in _SCRIPT_RISKS):
                    return True
            case _ if name not in _HARMLESS:
                return True
        executed = self._knowledge.actions.executed_inputs(use.slug)
        code = (entry.value for entry in call.inputs.entries if entry.key.value.lower() in executed)
        return any(self._holds_foreign_text(node, text) for text in code)

    def _script(self, node: StepNode, script: Scalar) -> bool:
        if "GITHUB_ENV" in script.value or "GITHUB_PATH" in script.value or shell_of(node).name in OTHERS:
            return True
        return any(map(_does_more, commands_of(self._graph, node))) or self._holds_foreign_text(node, script)

    def _holds_foreign_text(self, node: StepNode, code: Scalar) -> bool:
        """Whether outsiders decide, or may decide, a text that becomes part of code."""
        scope = Scope(node.owner, node.job, node.step)
        for fence in fences(code):
            tree = parse(fence.text)
            if isinstance(tree, Malformed):
                return True
            for context in flowing(tree):
                for origin in self._taint.origins.of(context, scope):
                    verdict = self._taint.deciders.of(node, origin)
                    if verdict is not None and verdict.decider not in _TRUSTED:
                        return True
        return False


def _does_more(ran: Ran) -> bool:
    """Whether a command does more than to show, to compute with texts, or to write labels and comments."""
    command = ran.command
    if not command.words:
        return False
    texts = command.texts
    match texts[0]:
        case "gh":
            verb = " ".join(texts[1:3])
            if verb in _GH_RISKS or texts[1:2] == () or texts[1] not in _GH:
                return True
            return texts[1] == "api" and any(risk in text for risk in _API_RISKS for text in texts[2:])
        case "git":
            return texts[1:2] == () or texts[1] not in _GIT
        case program:
            return program not in PLAIN
