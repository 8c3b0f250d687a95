"""Who decides a text that gets into a step's code, and how bad that is."""

from enum import IntEnum
from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import LETTING as LETTING
from scanner.analysis.outsiders.checks import protects
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach, harmful
from scanner.analysis.outsiders.senders import Sender, described, events_with, sender_of
from scanner.analysis.taint.origins import Origin
from scanner.analysis.workflows.run_events import RunEvents
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Note
from scanner.model.quoting import quoted
from scanner.parse.workflow import Workflow


class Decider(IntEnum):
    """The worse, the higher."""

    NOT_KNOWN = 0
    ADMIN = 1
    NOBODY_TODAY = 2
    CALLER = 3
    INSIDER = 4
    """Also those whom a check of who they are lets through."""
    LIMITED = 5
    CHECKED = 6
    """Others, in a run that somebody lets through: by a label, an approval, a merge, a comment on it."""
    FORK = 7
    """Others, in a run that has no more than their fork."""
    OTHERS = 8
    """Others, in a run that they do not start."""
    ANYBODY = 9
    """Anybody, in a run that holds what they do not have."""


class Verdict(NamedTuple):
    """`why` is a clause for people, `decides` the part of it that says who decides the text; `trigger` is the event that brings the
    text along, `holds` says what there is to lose."""

    decider: Decider
    confidence: Confidence
    why: str
    origin: Origin
    trigger: Note | None = None
    holds: str = ""
    decides: str = ""


_SURE: Final = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
_WILD: Final = frozenset("*?+[!")
_OF_WHO_COMMENTS: Final = frozenset(("actor", "association", "permission"))
_COMMENTED_ON: Final = {
    "issue_comment": ("issue", "pull_request"),
    "discussion_comment": ("discussion",),
}
"""What a comment is about, by its event: somebody else may have written that."""


class Deciders:
    """Answers for one graph."""

    def __init__(self, reach: Reach, knowledge: Knowledge, graph: Graph) -> None:
        self._reach = reach
        self._knowledge = knowledge
        self._events = RunEvents(graph)

    def of(self, node: StepNode, origin: Origin) -> Verdict | None:
        """None for a text that cannot hold anything harmful."""
        name = quoted(".".join(origin.path)) if origin.hops else "it"
        sure = _SURE[origin.doubt]
        likely = min(sure, Confidence.MEDIUM)
        events: frozenset[str] | None = None
        match origin.kind:
            case "unknown":
                return Verdict(Decider.NOT_KNOWN, Confidence.LOW, "what it holds is not known here", origin)
            case "dispatch":
                why = f"whoever starts the workflow fills {name} in"
                return Verdict(Decider.INSIDER, likely, why, origin)
            case "caller":
                return Verdict(Decider.CALLER, likely, f"whoever calls this decides {name}", origin)
            case "fetched":
                name = f"it ({described(origin.path)})"
                if origin.is_field:
                    verdict = self._sent(origin, name, likely)
                    if verdict is not None or sender_of(origin.path, self._knowledge) is Sender.NOBODY:
                        return verdict
            case "event":
                if sender_of(origin.path, self._knowledge) is Sender.NOBODY:
                    return None
                events = events_with(origin.path)
                unknown = sender_of(origin.path, self._knowledge) is Sender.UNKNOWN
                if not unknown and not self._brought(node, events):
                    why = f"no event of this workflow puts a text of somebody's choice into {name} today"
                    return Verdict(Decider.NOBODY_TODAY, likely, why, origin)
                verdict = self._sent(origin, name, likely)
                if verdict is not None:
                    return verdict
                if origin.path == ("github", "event", "workflow_run", "head_branch") and _spelt_out(node):
                    why = f"others start the run, and only the filter `branches` keeps {name} to the names in it"
                    decider = Decider.NOBODY_TODAY if origin.hops else Decider.LIMITED
                    return Verdict(decider, Confidence.LOW, why, origin)
        return self._by_event(node, origin, name, events, sure)

    def _sent(self, origin: Origin, name: str, likely: Confidence) -> Verdict | None:
        """For a field of an event that not just anybody decides."""
        match sender_of(origin.path, self._knowledge):
            case Sender.UNKNOWN:
                why = f"no event that is known here has {quoted('.'.join(origin.path))}"
                return Verdict(Decider.NOT_KNOWN, Confidence.LOW, why, origin)
            case Sender.ADMIN:
                why = f"only those who administer the repository decide {name}"
                return Verdict(Decider.ADMIN, Confidence.LOW, why, origin)
            case Sender.INSIDER:
                why = f"whoever may write to the repository decides {name}"
                return Verdict(Decider.INSIDER, likely, why, origin)
            case Sender.LIMITED:
                why = f"others decide {name}, in the form of an address"
                return Verdict(Decider.LIMITED, likely, why, origin)
        return None

    def _by_event(
        self, node: StepNode, origin: Origin, name: str, events: frozenset[str] | None, sure: Confidence
    ) -> Verdict:
        """For a text that anybody decides: the worst run in which it gets there."""
        likely = min(sure, Confidence.MEDIUM)
        found: list[Verdict] = []
        for event, way in self._reach.of(node).items():
            if (events is not None and event not in events) or event in origin.guarded:
                continue
            found.append(self._in_run(node, origin, name, event, way, sure))
        if found:
            return max(found, key=lambda one: one.decider)
        if origin.guarded:
            why = f"only the guard of actions/checkout keeps others from deciding {name}"
            return Verdict(Decider.LIMITED, Confidence.LOW, why, origin)
        unknown = self._events.of(node) is None
        return Verdict(Decider.OTHERS, likely if unknown else sure, f"others decide {name}", origin)

    def _in_run(
        self, node: StepNode, origin: Origin, name: str, event: str, way: Exposure, sure: Confidence
    ) -> Verdict:
        likely = min(sure, Confidence.MEDIUM)
        trigger = Note(way.trigger, f"`{event}` starts the run")
        before = [one for one in self._reach.checks(node, event) if protects(one, event, "text")]
        theirs = _is_commented_on(origin, event)
        checks = [one.weakest for one in before if not theirs or _OF_WHO_COMMENTS.isdisjoint(one.kinds)]
        if theirs and not checks:
            # Who has written what is commented on: that check helps here, and only here.
            checks = [one.kind for one in self._reach.checks(node, event) if one.kind == "author"]
        if not way.at_stake:
            why = f"others decide {name} through `{event}`, in a run that holds little more than they have"
            checked = bool(checks) or self._reach.only_bots(node, event)
            decider = Decider.INSIDER if checked else Decider.FORK
            return Verdict(decider, likely if checked else sure, why, origin, trigger)
        if checks and not LETTING.isdisjoint(checks) and LETTING.issuperset(checks):
            decides = f"others decide {name} through `{event}`"
            why = f"{decides}, once somebody lets them in, and the job then holds {way.holds}"
            return Verdict(Decider.CHECKED, likely, why, origin, trigger, way.holds, decides)
        if theirs and before and not checks:
            decides = f"others decide {name} through `{event}`"
            why = f"{decides}, the check is of who comments and not of who wrote that, and the job then holds {way.holds}"
            return Verdict(Decider.CHECKED, likely, why, origin, trigger, way.holds, decides)
        if checks or self._reach.guarded(node, event):
            decides = f"others decide {name} through `{event}`"
            why = f"{decides}, and only a check of who they are stands before it"
            return Verdict(Decider.INSIDER, likely, why, origin, trigger, way.holds, decides)
        decides = f"anybody decides {name} through `{event}`"
        why = f"{decides}, and the job then holds {way.holds}"
        decider = Decider.ANYBODY if harmful(way) else Decider.OTHERS
        return Verdict(decider, sure, why, origin, trigger, way.holds, decides)

    # ------------------------------------------------------------ events

    def _brought(self, node: StepNode, events: frozenset[str] | None) -> bool:
        """Whether a run can have a text of somebody's choice in a context that some events bring along."""
        found = self._events.of(node)
        return events is None or found is None or not events.isdisjoint(found)


def _is_commented_on(origin: Origin, event: str) -> bool:
    """Whether a text is one that whoever comments need not have written."""
    path = origin.path
    return len(path) > 2 and path[:2] == ("github", "event") and path[2] in _COMMENTED_ON.get(event, ())


def _spelt_out(node: StepNode) -> bool:
    """Whether a `workflow_run` lets only branches through whose names are spelt out."""
    if not isinstance(node.owner, Workflow):
        return False
    filters = [one.filter("branches") for one in node.owner.triggers if one.event.value == "workflow_run"]
    return bool(filters) and all(names is not None and _WILD.isdisjoint("".join(names)) for names in filters)
