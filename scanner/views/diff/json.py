"""A difference for programs: the contract of `snowfence diff --format json`; `schema` counts its versions."""

from typing import Final

from scanner.model.finding import Finding
from scanner.model.json import Json
from scanner.parse.nix.lock import LockedInput
from scanner.report.json import document, problem_data, to_data
from scanner.report.json import summary as counts
from scanner.rules.changes import PREFIX
from scanner.views.diff.compare import Change, LockChanges
from scanner.views.diff.pairs import Follows, State
from scanner.views.diff.words import Answer, moved, rows_of
from scanner.views.facts import compare_link, input_data, lock_data

SCHEMA: Final = 1


def write(answer: Answer) -> str:
    return _Json(answer).document()


class _Json:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.now = answer.report.now
        self.shown = {(one.fingerprint, one.rule) for one in answer.report.findings}

    def document(self) -> str:
        answer, report = self.answer, self.answer.report
        return document(
            report,
            {"old": answer.old, "new": answer.new},
            {
                "summary": counts(report.findings),
                "locks": [self.lock(lock) for lock in answer.difference.locks],
                "policy": self.findings(answer.difference.policies),
                "findings": self.findings(answer.difference.fresh),
                "gone": [to_data(one) for one in answer.difference.gone],
                "problems": [
                    {"side": side, **problem_data(one)}
                    for side, problems in (("old", answer.old_problems), ("new", report.problems))
                    for one in problems
                ],
            },
            SCHEMA,
        )

    def findings(self, findings: tuple[Finding, ...]) -> list[Json]:
        """Those that were asked for."""
        return [to_data(one) for one in findings if (one.fingerprint, one.rule) in self.shown]

    def lock(self, lock: LockChanges) -> Json:
        return {
            "path": lock.path,
            "status": lock.status,
            "old": None if lock.old is None else lock_data(lock.old),
            "new": None if lock.new is None else lock_data(lock.new),
            "judgments": self.findings(lock.findings),
            "inputs": [self.change(change) for change in rows_of(lock)],
        }

    def change(self, change: Change) -> Json:
        link = None
        if isinstance(change.old, LockedInput) and isinstance(change.new, LockedInput):
            link = compare_link(change.old, change.new)
        return {
            "name": change.name,
            "subject": change.subject,
            "path": None if change.path is None else list(change.path),
            "own": change.own,
            "changes": [one.kind.id.removeprefix(PREFIX) for one in change.verdicts],
            "severity": None if change.severity is None else str(change.severity),
            "old": self.state(change.old),
            "new": self.state(change.new),
            "moved": moved(change),
            "compare": link,
            "judgments": self.findings(change.findings),
        }

    def state(self, state: State) -> Json:
        match state:
            case LockedInput():
                return {"label": state.label, **input_data(state, self.now)}
            case Follows():
                return {"follows": list(state.path)}
            case None:
                return None
