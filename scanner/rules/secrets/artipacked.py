"""See artipacked.md."""

from collections.abc import Iterator

from scanner.analysis.permissions.kept_credentials import Kept, kept_credentials
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Fix, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.edits import added, fix
from scanner.parse.nodes import Mapping
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Job, Step

PUSHING = (
    "commit",
    "deploy",
    "git-",
    "pages",
    "publish",
    "pull-request",
    "push",
    "release",
    "semantic",
    "tag",
    "update",
)
"""Parts of names of actions that may push by the token of a checkout."""

ADVICE = "set `persist-credentials: false`"
INSTEAD = "give the token to the one step that needs it instead"


@rule(
    "artipacked",
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    area="permissions",
    variants={"uploaded": Severity.HIGH, "outside": Severity.LOW},
    same_as=("zizmor:artipacked",),
    tags=("secrets", "CWE-312", "CWE-522", "CICD-SEC-6", "SLSA:source-L3"),
)
def artipacked(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    fixes = _Fixes()
    for kept in kept_credentials(graph):
        at = kept.call.text.content.first_line()
        text = quoted(kept.call.text.value)
        if kept.upload is not None:
            yield Hit(
                at,
                kept.node.id,
                f"{text} leaves the token in `.git/config`, and a later step uploads it in an artifact, so who may download "
                f"that can use the token while the job runs; {ADVICE} or upload a smaller folder",
                "uploaded",
                Confidence.HIGH,
                related=(Note(kept.upload.at, "the artifact takes in `.git/config`"),),
                fix=fixes.of(kept),
            )
            continue
        where = "in a file outside of the workspace" if kept.outside else "in `.git/config`"
        yield Hit(
            kept.asked.content.first_line() if kept.asked is not None else at,
            kept.node.id,
            f"{text} leaves the token {where}, where every later step can read it{_advice(kept)}",
            "outside" if kept.outside else None,
            fix=fixes.of(kept),
        )


def _may_need(step: Step) -> bool:
    """Whether a step looks as if it used the token of an earlier checkout."""
    if step.call is not None:
        target = step.call.target
        return not isinstance(target, RepositoryUse) or any(word in target.slug for word in PUSHING)
    return step.run is not None and "git " in step.run.script.value


def _last_in_need(job: Job) -> int:
    """The number of the last such step of a job; -1 where there is none."""
    return max((number for number, step in enumerate(job.steps) if _may_need(step)), default=-1)


class _Fixes:
    """Fixes where nobody asks for the token, and no later step of the job looks as if it needed it; a composite action may be used in any job."""

    def __init__(self) -> None:
        self.last_in_need: dict[int, int] = {}

    def of(self, kept: Kept) -> Fix | None:
        job = kept.node.job
        if kept.asked is not None or job is None:
            return None
        if id(job) not in self.last_in_need:
            self.last_in_need[id(job)] = _last_in_need(job)
        if kept.node.step.number < self.last_in_need[id(job)]:
            return None
        step, name = kept.node.step.at, "persist-credentials"
        given = step.get("with")
        if isinstance(given, Mapping):
            edit = added(given, name, "false")
        else:
            edit = added(step, name, "false", within="with", after="uses")
        return fix(ADVICE, edit)


def _advice(kept: Kept) -> str:
    if kept.asked is not None and "${{" in kept.asked.value:
        return f", unless `persist-credentials` is computed to be false; {INSTEAD}"
    if kept.asked is not None:
        return f": `persist-credentials` asks for it; {INSTEAD}"
    return f": a later step pushes with it; {INSTEAD}" if kept.pushes else f"; {ADVICE}"
