"""Who decides a text that gets into a step's code, and how bad that is."""

from enum import IntEnum
from typing import Final, NamedTuple

from scanner.analysis.outsiders.reach import Reach, harmful
from scanner.analysis.outsiders.senders import Sender, events_with, sender_of
from scanner.analysis.taint.origins import Origin
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
    LIMITED = 5
    OTHERS = 6
    ANYBODY = 7
    """Anybody, in a run that holds what they do not have."""


class Verdict(NamedTuple):
    """`why` is a clause for people; `trigger` is the event that brings the text along."""

    decider: Decider
    confidence: Confidence
    why: str
    origin: Origin
    trigger: Note | None = None


_SURE: Final = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
_WILD: Final = frozenset("*?+[!")


class Deciders:
    """Answers for one graph."""

    def __init__(self, reach: Reach, knowledge: Knowledge) -> None:
        self._reach = reach
        self._knowledge = knowledge

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
                return Verdict(
                    Decider.INSIDER, likely, f"whoever starts the workflow fills {name} in", origin
                )
            case "caller":
                return Verdict(Decider.CALLER, likely, f"whoever calls this decides {name}", origin)
            case "fetched":
                name = f"it ({origin.path[0]})"
            case "event":
                sender, events = sender_of(origin.path, self._knowledge), events_with(origin.path)
                if sender is Sender.NOBODY:
                    return None
                if sender is Sender.UNKNOWN:
                    why = f"no event that is known here has {quoted('.'.join(origin.path))}"
                    return Verdict(Decider.NOT_KNOWN, Confidence.LOW, why, origin)
                if not _brought(node, origin.path, events):
                    why = f"no event of this workflow puts a text of somebody's choice into {name} today"
                    return Verdict(Decider.NOBODY_TODAY, likely, why, origin)
                if sender is Sender.ADMIN:
                    why = f"only those who administer the repository decide {name}"
                    return Verdict(Decider.ADMIN, Confidence.LOW, why, origin)
                if sender is Sender.INSIDER:
                    why = f"whoever may write to the repository decides {name}"
                    return Verdict(Decider.INSIDER, likely, why, origin)
                if sender is Sender.LIMITED:
                    why = f"others decide {name}, in the form of an address"
                    return Verdict(Decider.LIMITED, likely, why, origin)
        for event, way in self._reach.of(node).items():
            if not harmful(way) or (events is not None and event not in events):
                continue
            if self._reach.guarded(node, event):
                why = f"others decide {name} through `{event}`, and only a check of who they are stands before it"
                return Verdict(Decider.OTHERS, likely, why, origin)
            why = f"anybody decides {name} through `{event}`, and the job then holds {way.holds}"
            trigger = Note(way.trigger, f"`{event}` starts the run")
            return Verdict(Decider.ANYBODY, sure, why, origin, trigger)
        return Verdict(Decider.OTHERS, sure, f"others decide {name}", origin)


def _brought(node: StepNode, path: tuple[str, ...], events: frozenset[str] | None) -> bool:
    """Whether a run of the workflow can have a text of somebody's choice in a context."""
    owner = node.owner
    if events is None or not isinstance(owner, Workflow) or "workflow_call" in owner.events:
        return True
    if path == ("github", "event", "workflow_run", "head_branch"):
        filters = [one.filter("branches") for one in owner.triggers if one.event.value == "workflow_run"]
        # Names that are spelt out let no other through.
        return any(names is None or not _WILD.isdisjoint("".join(names)) for names in filters)
    return not events.isdisjoint(owner.events)
