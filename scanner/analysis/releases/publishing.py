"""Whether a job publishes what it builds, and what is known of the run in which it does.

Signs of it (as in zizmor 1.32, `cache-poisoning`): a push of tags, a push to a branch named after releases, the event
`release`, a step that uses an action known to publish. The name of a branch alone is a weak one: tests run there, too.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.uses.controls import condition_of, control_for
from scanner.analysis.uses.coordinates import judged
from scanner.analysis.workflows.conditions import never
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.evaluate import truth
from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Malformed, Operation, parse
from scanner.parse.workflow import Job, Trigger, Workflow

_TAGS: Final = "refs/tags/"
_EVERY: Final = frozenset(("*", "**"))


class Publishing(NamedTuple):
    """`at` is what shows it: an event, or the `uses:` of a step (`by_action`). `event` is the one that has started the run in
    which a tag is published, None when that may be another run. `by_branch`: only the name of a branch says so."""

    at: Span
    by_action: bool
    event: str | None
    by_branch: bool = False

    def decides(self, expression: str) -> bool | None:
        """Whether an expression counts as true in the run that publishes; None when that cannot be told."""
        tree = parse(expression)
        if self.event is None or isinstance(tree, Malformed):
            return None
        return _truth(tree, self.event)


def publishing(workflow: Workflow, job: Job, knowledge: Knowledge) -> Publishing | None:
    """What shows that a job publishes; a known action before the events of its workflow."""
    signs = list(_events(workflow))
    event = None
    if signs and all(sign.event is not None for sign in signs):
        # A release that is published pushes its tag as well.
        event = next((sign.event for sign in signs if sign.event == "push"), signs[0].event)
    for step in job.steps:
        if step.call is None or never(step.condition):
            continue
        control = control_for(step.call, knowledge.actions.publishers)
        if control is not None and judged(step.call, condition_of(control)).holds is not False:
            return Publishing(step.call.text.content.first_line(), True, event)
    sign = next((sign for sign in signs if not sign.by_branch), next(iter(signs), None))
    return sign._replace(event=event) if sign is not None else None


def _events(workflow: Workflow) -> Iterator[Publishing]:
    for trigger in workflow.triggers:
        name, at = trigger.event.value, trigger.event.content
        if name == "release":
            yield Publishing(at, False, name)
        if name == "push":
            if _takes_tags(trigger):
                yield Publishing(at, False, name)
            if any(_is_of_releases(branch) for branch in trigger.filter("branches") or ()):
                yield Publishing(at, False, None, True)


def _takes_tags(trigger: Trigger) -> bool:
    """Whether filters of a push name tags that start a run."""
    tags, ignored = trigger.filter("tags"), trigger.filter("tags-ignore")
    if tags is None:
        return ignored is not None and _EVERY.isdisjoint(ignored)
    takes = False
    for tag in tags:  # the last that fits decides
        takes = not tag.startswith("!") or (takes and tag[1:] not in _EVERY)
    return takes


def _is_of_releases(branch: str) -> bool:
    return not branch.startswith("!") and "release" in branch.lower()


def _truth(tree: Expression, event: str) -> bool | None:
    """What counts as true in a run of `event` for a tag."""
    return truth(tree, leaf=lambda part: _part(part, event))


def _part(tree: Expression, event: str) -> bool | None:
    match tree:
        case Operation("==" | "!=" as operator, (one, other)):
            equal = _equal(one, other, event)
            return None if equal is None else equal is (operator == "==")
        case Call(function, (text, Literal(str(part)))) if _path(text) == "github.ref":
            part = part.lower()
            match function.lower():
                case "startswith":
                    return True if _TAGS.startswith(part) else _maybe(part.startswith(_TAGS))
                case "contains":
                    return True if part in _TAGS else _maybe(not part.startswith("refs/heads/"))
    return None


def _maybe(possible: bool) -> bool | None:
    return None if possible else False


def _equal(one: Expression, other: Expression, event: str) -> bool | None:
    if isinstance(one, Literal):
        one, other = other, one
    if not isinstance(other, Literal) or not isinstance(other.value, str):
        return None
    value = other.value.lower()
    match _path(one):
        case "github.event_name":
            return value == event
        case "github.ref_type":
            return value == "tag"
        case "github.ref":
            return _maybe(value.startswith(_TAGS))
    return None


def _path(tree: Expression) -> str:
    """The name of a context, empty for every other expression."""
    if not isinstance(tree, Access):
        return ""
    return next((str(context) for context in occurring(tree)), "")
