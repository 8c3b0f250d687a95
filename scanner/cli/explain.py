"""Show the page of a rule: why it matters, how to fix it, its options and examples."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from scanner.cli.common import add_policy, policy_of
from scanner.cli.terminal import emit, links
from scanner.engine import Place, load, places
from scanner.model.errors import UsageError
from scanner.model.nearest import nearest
from scanner.policy.load import pack
from scanner.policy.packs import pack_names
from scanner.report.escape import visible, visible_lines
from scanner.report.links import hyperlink, of_rule
from scanner.rules.pages import read_page


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "rule",
        metavar="RULE",
        help="the id of a rule, of a kind of change or of a check of the policy, or another tool's name for it",
    )
    add_policy(parser)


def run(arguments: Namespace) -> int:
    known = places()
    id = arguments.rule.partition("/")[0] if arguments.rule.partition("/")[0] in known else arguments.rule
    place = known.get(id) or _named_by_others(arguments.rule, known.values())
    if place is None and arguments.rule.startswith("diff-"):
        _explain_change(arguments.rule.partition("/")[0])
        return 0
    if place is None:
        _explain_check(arguments, list(known))
        return 0
    rule = load(place)
    severities = ", ".join(str(severity) for severity in rule.severities)
    facts = [f"Severity: {severities}. Confidence: {rule.confidence}."]
    if rule.same_as:
        facts.append(f"The same as {', '.join(rule.same_as)}.")
    if rule.supersedes:
        facts.append(f"Takes the place of {', '.join(rule.supersedes)} where it speaks.")
    packs = [name for name in pack_names() if pack(name).setting(rule.id).enabled]
    facts.append(f"On in the packs {', '.join(packs)}." if packs else "On in no pack.")
    name = hyperlink(rule.id, of_rule(rule.id)) if links() else rule.id
    emit(f"{read_page(place).markdown}\n---\n{name}. {' '.join(facts)}\n", None)
    return 0


def _named_by_others(name: str, known: Iterable[Place]) -> Place | None:
    """The rule that another tool calls so; one that is the sharper form of others comes behind them."""
    found = [place for place in known if name in load(place).same_as]
    return min(found, key=lambda place: bool(load(place).supersedes), default=None)


def _explain_check(arguments: Namespace, known: list[str]) -> None:
    """A check of the policy that is given, else of that of the repository here."""
    policy = policy_of(arguments, Path())
    own = policy.own.get(arguments.rule)
    if own is None:
        raise UsageError(
            f"there is no rule `{arguments.rule}`{nearest(arguments.rule, [*known, *policy.own])}"
        )
    facts = f"Severity: {own.rule.severity}. A check of {visible(own.at.shown)}, line {own.at.begin.line}."
    emit(f"{visible_lines(own.page.markdown)}\n---\n{own.rule.id}. {facts}\n", None)


def _explain_change(id: str) -> None:
    """A kind of change that `snowfence diff` judges."""
    from scanner.rules.changes import KINDS

    kind = KINDS.get(id)
    if kind is None:
        raise UsageError(f"there is no kind of change `{id}`{nearest(id, list(KINDS))}")
    severities = ", ".join(str(severity) for severity in kind.rule.severities)
    page = kind.page.markdown
    emit(f"{page}\n---\n{id}. Severity: {severities}. `snowfence diff` says it.\n", None)
