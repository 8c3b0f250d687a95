"""What one place hands to another: inputs of called workflows, outputs, and texts that are one expression."""

from collections.abc import Iterator

from scanner.analysis.outsiders.worlds import Answer, Known, Path, Question, World
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.parse.expressions.contexts import flowing, occurring
from scanner.parse.expressions.evaluate import Failed, Open, constant
from scanner.parse.expressions.syntax import Call, Expression, Malformed, Operation, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping, Scalar


def tree_of_text(text: Scalar) -> Expression | None:
    """The one expression that a text is."""
    found = list(fences(text))
    if len(found) != 1 or len(found[0].text) + len("${{}}") != len(text.value.strip()):
        return None
    tree = parse(found[0].text)
    return None if isinstance(tree, Malformed) else tree


def plain(text: Scalar) -> bool | str:
    """A text of a file, read as true or false where it is."""
    return text.value if text.boolean is None else text.boolean


def value_of(asked: Question, world: World, known: Known) -> bool | str | Open | Failed:
    """What a caller hands over: a constant, the event's name, an input of its own, or the answer to a question."""
    tree = asked.tree
    if _is_question(tree):
        answer = asked.answer(world, known, nothing)
        return Open() if answer is None else answer
    paths = [context.path for context in occurring(tree)]
    if paths == [("github", "event_name")] and not isinstance(tree, Call):
        return world.event
    if len(paths) == 1 and paths[0] in known and not isinstance(tree, Call):
        value = known[paths[0]]
        return value if isinstance(value, bool | str) else Open()
    found = constant(tree)
    return found if isinstance(found, bool | str | Failed) else Open()


def _is_question(tree: Expression) -> bool:
    """Whether the value of an expression is true or false."""
    match tree:
        case Operation("&&" | "||", operands):
            return all(map(_is_question, operands))
        case Operation():
            return True
        case Call(function, _):
            return function.lower() in ("contains", "startswith", "endswith")
    return False


def as_text(asked: Question, world: World, known: Known) -> Answer | None:
    """What a text is made of that is the answer to a question."""
    value = value_of(asked, world, known)
    match value:
        case bool():
            return Answer("true" if value else "false")
        case str():
            return Answer(value)
    return None


def nothing(path: Path) -> Answer | None:
    """Of no step and job is anything known."""
    return None


def defaults(called: WorkflowNode) -> Iterator[tuple[str, bool | str]]:
    """The inputs of a workflow that have a constant default."""
    trigger = next((one for one in called.workflow.triggers if one.event.value == "workflow_call"), None)
    inputs = trigger.options.get("inputs") if trigger is not None and trigger.options is not None else None
    for key, value in inputs.pairs if isinstance(inputs, Mapping) else ():
        default = value.get("default") if isinstance(value, Mapping) else None
        if isinstance(default, Scalar) and "${{" not in default.value:
            yield key.value.lower(), plain(default)
        elif isinstance(value, Mapping) and default is None and _is(value.get("type"), "boolean"):
            yield key.value.lower(), False


def _is(node: object, text: str) -> bool:
    return isinstance(node, Scalar) and node.value == text


def called_output(called: WorkflowNode, name: str) -> tuple[str, str] | None:
    """The job and its output that an output of a called workflow is."""
    trigger = next((one for one in called.workflow.triggers if one.event.value == "workflow_call"), None)
    outputs = trigger.options.get("outputs") if trigger is not None and trigger.options is not None else None
    for key, value in outputs.pairs if isinstance(outputs, Mapping) else ():
        text = value.get("value") if isinstance(value, Mapping) else None
        if key.value.lower() != name or not isinstance(text, Scalar):
            continue
        tree = tree_of_text(text)
        for context in flowing(tree) if tree is not None else ():
            match context.path:
                case ("jobs", job, "outputs", output):
                    return job, output
    return None
