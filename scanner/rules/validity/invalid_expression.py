"""See invalid_expression.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.availability import CONTEXTS, RUN_FUNCTIONS, availability
from scanner.analysis.workflows.expressions import Written, unclosed, written
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.nearest import closest
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.expressions.evaluate import Failed, constant
from scanner.parse.expressions.names import BUILT_IN, Names, miscounted
from scanner.parse.expressions.syntax import Call, Literal, Malformed, Name, nodes

WRITTEN: Final = (
    "contains",
    "startsWith",
    "endsWith",
    "format",
    "join",
    "toJSON",
    "fromJSON",
    "case",
    *RUN_FUNCTIONS,
)
"""The functions as people write them."""
ADVICE: Final = {
    "secrets": "hand it to the steps by `env:` and test that in the script",
    "env": "use `vars`, `inputs` or an output of an earlier job",
    "steps": "only the steps and `outputs` of the same job know it",
    "runner": "only steps know the machine",
    "matrix": "only the job itself knows it, not what decides whether it runs",
    "strategy": "only the job itself knows it, not what decides whether it runs",
}
IN_ACTION: Final = "hand it over as an input of the action"


@rule(
    "invalid-expression",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("actionlint:expression",),
    tags=("validity", "expressions"),
)
def invalid_expression(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for at, subject in unclosed(ctx.graph):
        yield Hit(
            at, subject, "`${{` is opened but never closed, so GitHub refuses the file; write `}}` behind it"
        )
    places = availability(ctx.graph, ctx.knowledge)
    for one in written(ctx.graph):
        text = one.fence.text
        if not text.strip():
            if not one.bare:
                yield Hit(
                    one.at,
                    one.owner.id,
                    "`${{ }}` holds no expression, so GitHub refuses the file; remove it",
                )
            continue
        if text.strip() == "insert" and not one.bare:
            # GitHub's directive for merging mappings.
            if one.scalar.value != f"${{{{{text}}}}}":
                message = (
                    "`${{ insert }}` must stand alone, so GitHub refuses the file; remove the text beside it"
                )
                yield Hit(one.at, one.owner.id, message)
            continue
        tree = one.tree
        if isinstance(tree, Malformed):
            yield Hit(
                _place(one, tree),
                one.owner.id,
                f"{quoted(text.strip())} is no expression, so GitHub refuses it: {tree.reason}",
                evidence=(quoted(text.strip()),),
            )
            continue
        names, said = places.of(one), set[str]()
        for node in nodes(tree):
            wrong = None
            match node:
                case Name(name):
                    wrong = _context(name, names, one)
                case Call(function, arguments):
                    wrong = _function(function, len(arguments), names, one) or _failing(node)
            if wrong is not None and wrong not in said:  # once for each expression
                said.add(wrong)
                end = node.start + len(node.function) if isinstance(node, Call) else node.end
                at = one.fence.span(node.start, end).first_line()
                yield Hit(
                    at, one.owner.id, wrong, evidence=(quoted(text[node.start : end]), quoted(text.strip()))
                )


def _place(one: Written, tree: Malformed) -> Span:
    """The text that makes it malformed; where nothing stands, what stands before."""
    text = one.fence.text
    start, end = tree.at, tree.end
    if not text[start:end].strip():
        end = len(text[:end].rstrip())
        start = max(text.rfind(mark, 0, end) for mark in " \n\t(") + 1
    return one.fence.span(start, max(start + 1, min(end, len(text)))).first_line()


def _context(name: str, names: Names | None, one: Written) -> str | None:
    lower = name.lower()
    if names is None or lower in names.contexts:
        return None
    if lower in CONTEXTS:
        advice = IN_ACTION if one.path[0] == "runs" else ADVICE.get(lower)
        if advice is None:
            advice = "there are " + ", ".join(f"`{known}`" for known in CONTEXTS if known in names.contexts)
        return f"`{lower}` does not exist in {_where(one)}, so GitHub refuses this; {advice}"
    near = closest(lower, CONTEXTS) if len(lower) > 2 else None
    return f"there is no context {quoted(name)}, so GitHub refuses this" + (
        f"; did you mean `{near}`?" if near else "; texts are written in single quotes"
    )


def _function(function: str, count: int, names: Names | None, one: Written) -> str | None:
    lower = function.lower()
    arity = BUILT_IN.get(lower) or (names.arity(lower) if names is not None else None)
    if arity is not None:
        wrong = miscounted(function, count, arity)
        return f"{wrong}; GitHub refuses this" if wrong is not None else None
    for known in RUN_FUNCTIONS:
        if lower == known.lower():
            if names is None:
                return None
            place = "the steps" if lower == "hashfiles" else "conditions"
            return f"`{known}` does not exist in {_where(one)}, so GitHub refuses this; it is there in {place} only"
    near = closest(lower, tuple(name.lower() for name in WRITTEN))
    meant = next((name for name in WRITTEN if name.lower() == near), None)
    return f"there is no function {quoted(function)}, so GitHub refuses this" + (
        f"; did you mean `{meant}`?" if meant else ""
    )


def _failing(call: Call) -> str | None:
    """A call that fails in every run: a pattern of `format` or a JSON text that is wrong as it is written."""
    match call:
        case Call(function, (Literal(str()) as pattern, *rest)) if function.lower() in ("format", "fromjson"):
            fixed = tuple(Literal("", part.start, part.end) for part in rest)
            answer = constant(call._replace(arguments=(pattern, *fixed)))
            return f"this fails in every run: {answer.reason}" if isinstance(answer, Failed) else None
    return None


def _where(one: Written) -> str:
    """The place of an expression for people: `jobs.<id>.steps.if`."""
    path = list(one.path)
    if path[0] == "jobs" and len(path) > 1:
        path[1] = "<id>"
    return quoted(".".join(path))
