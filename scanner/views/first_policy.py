"""A first policy for a repository, from what a pack says of it today: `snowfence policy init`.

It judges as the pack does. What could be changed stands in it as proposals: lines that begin with `#` and no space, so that removing
the `#` makes them hold, while `# ` begins a remark.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from scanner.analysis.attributes.attribute import Missing, World
from scanner.analysis.attributes.table import attributes
from scanner.engine import Described
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.finding import Confidence, Finding, Severity
from scanner.policy.options import fields_of
from scanner.policy.policy import Policy
from scanner.policy.schema import ID
from scanner.results import Report, RuleInUse
from scanner.rules.pages import options_about, read_page
from scanner.views.yaml_words import prose, remark, value, word, wrapped

_NOISY: Final = 5
"""Findings of one rule, none of them above `low`: so many that switching the rule off is proposed."""
_WIDTH: Final = 110
_MOST_NAMES: Final = 60
"""Owners, caches or runners of a proposed check: a longer list says nothing to anybody."""
_EXCEPTION_DAYS: Final = 90
_NAMING: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
"""What a name has at least one of: `*` names nobody."""
_NOT_RUN: Final = frozenset(
    ("example", "examples", "fixtures", "template", "templates", "test", "testdata", "tests", "third_party", "vendor")
)  # fmt: skip
"""Folders whose files are mostly not what the repository itself builds from."""


def first_policy(report: Report, graph: Graph, knowledge: Knowledge, policy: Policy, pack: str) -> str:
    """The text of the policy. `policy` is the pack's, by which the findings of `report` were judged."""
    parts = [
        _head(report, pack),
        _gate(report, policy),
        _rules(report, policy),
        _paths(report.findings),
        _checks(World(graph, knowledge, report.now), policy),
        _exceptions(report),
    ]
    return "\n".join("".join(f"{line}\n" for line in lines) for part in parts if (lines := list(part)))


# ---------------------------------------------------------------- head and gate


def _head(report: Report, pack: str) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={ID}"
    yield "#"
    yield f"# The policy of this repository, begun by `snowfence policy init` on {report.now.isoformat()}. What the pack {pack} finds:"
    yield f"# {_counts(report)}."
    yield "#"
    yield "# It judges as the pack does. Lines that begin with `#` and no space are proposals: remove the `#` to make them hold (of"
    yield "# the lines that they stand under as well). `snowfence policy check` says whether the file is right."
    yield "snowfence: 1"
    yield f"extends: [{word(pack)}]"


def _counts(report: Report) -> str:
    """`12 findings (2 high, 10 low) of 3 rules, 1 question undecided`."""
    found = Counter(one.severity for one in report.findings)
    by_severity = ", ".join(f"{found[one]} {one}" for one in sorted(found, reverse=True))
    rules = len({one.rule for one in report.findings})
    said = (
        f"{counted(len(report.findings), 'finding')} ({by_severity}) of {counted(rules, 'rule')}"
        if found
        else "nothing"
    )
    left = len(report.unknowns)
    return f"{said}, and {counted(left, 'question')} that it could not decide" if left else said


def _gate(report: Report, policy: Policy) -> Iterator[str]:
    worst = report.worst()
    usual = policy.gate
    reached = sum(one.severity >= usual for one in report.findings)
    yield "# A finding at least this severe makes `snowfence scan` exit with 1."
    if reached:
        yield f"# {counted(reached, 'finding')} of today {'reaches' if reached == 1 else 'reach'} it. `snowfence policy accept` takes today's findings as they are, so that"
        yield "# only new ones fail; `--show-accepted` lists them."
        yield f"fail-on: {usual}"
        return
    # A gate below `medium` fails runs for matters of taste.
    gate = min(usual, Severity.MEDIUM if worst is None or worst < Severity.MEDIUM else Severity(worst + 1))
    if worst is None:
        yield "# There is none today."
    else:
        yield f"# Today's findings, at most {worst}, stay below it."
    yield f"fail-on: {gate}"


# ---------------------------------------------------------------- rules


class _Fired(NamedTuple):
    """A rule with its findings."""

    rule: RuleInUse
    findings: list[Finding]

    @property
    def worst(self) -> Severity:
        return max(one.severity for one in self.findings)


def _rules(report: Report, policy: Policy) -> Iterator[str]:
    in_use = {one.rule.id: one for one in report.rules}
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    fired = [_Fired(in_use[id], some) for id, some in found.items() if id in in_use]
    fired.sort(key=lambda one: (-one.worst, -len(one.findings), one.rule.rule.id))
    lines: list[str] = []
    group: Severity | None = None
    for one in fired:
        if one.worst != group:
            group = one.worst
            lines.append(f"  # ---- {group}")
        proposed = list(_proposed(one, policy))
        lines.append(
            remark(f"{one.rule.rule.id}, {counted(len(one.findings), 'finding')}: {_title(one.rule)}", 2)
        )
        lines += proposed or [f"  {word(one.rule.rule.id)}: on"]
    if lines:
        yield "# The rules that find something, all of them on: `snowfence explain RULE` says what to do. A rule may be `on`, `off`"
        yield "# or a mapping with `severity`, `confidence`, `options` and `paths`."
        yield "rules:"
        yield from lines


def _proposed(one: _Fired, policy: Policy) -> Iterator[str]:
    """What could be changed about a rule, as it is today; nothing where there is nothing to change."""
    rule = one.rule.rule
    if len(one.findings) >= _NOISY and one.worst <= Severity.LOW:
        yield remark(f"noisy: {counted(len(one.findings), 'finding')}, none of them above {one.worst}", 2)
        yield f"  #{word(rule.id)}: off"
        return
    lines = list(_confidence(one.findings))
    options = policy.setting(rule.id).options_of(rule)
    names = fields_of(rule)
    if names:
        about = (
            {} if isinstance(one.rule.place, Described) else options_about(read_page(one.rule.place).markdown)
        )
        lines.append("    #options:")
        before = ""
        for name in names:
            line = f"      #{name}: {value(getattr(options, name))}"
            said = about.get(name, "").partition("; ")[0]
            if said == before:  # one sentence of the page about several of them
                said = ""
            before = said or before
            if len(line) + len(said) + 4 <= _WIDTH:
                lines.append(f"{line}  # {prose(said)}" if said else line)
            else:
                lines += (remark(part, 6) for part in wrapped(said, _WIDTH - 8))
                lines.append(line)
    if lines:
        yield f"  #{word(rule.id)}:"
        yield from lines


def _confidence(findings: list[Finding]) -> Iterator[str]:
    """A floor that leaves the less sure findings out, where some are surer than others and there are many."""
    sure = Counter(one.confidence for one in findings)
    if len(findings) < _NOISY or len(sure) < 2:
        return
    floor = Confidence(min(sure) + 1)
    kept = sum(count for confidence, count in sure.items() if confidence >= floor)
    yield f"    #confidence: {floor}  # leaves {kept} of {len(findings)}"


def _title(rule: RuleInUse) -> str:
    return rule.place.title if isinstance(rule.place, Described) else read_page(rule.place).title


# ---------------------------------------------------------------- paths


def _paths(findings: Iterable[Finding]) -> Iterator[str]:
    """Folders of examples and tests in which findings stand."""
    count: Counter[str] = Counter()
    for one in findings:
        folders = one.at.path.split("/")[:-1]
        for depth, folder in enumerate(folders):
            if folder in _NOT_RUN:
                count["/".join(folders[: depth + 1])] += 1
                break
    if not count:
        return
    yield "# Files that are not read. Findings stand in these folders, which look like examples and tests:"
    for folder, number in sorted(count.items()):
        yield remark(f"{folder}: {counted(number, 'finding')}", 0)
    yield "paths:"
    yield f"  #exclude: {value(tuple(f'{_literal(folder)}/**' for folder in sorted(count)))}"


def _literal(path: str) -> str:
    """A path as a pattern that covers nothing else."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


# ---------------------------------------------------------------- own checks


class _Asked(NamedTuple):
    """A check that fits the repository as it is: every value of an attribute that occurs today is allowed."""

    id: str
    title: str
    severity: Severity
    area: str
    kinds: tuple[str, ...]
    where: str
    attribute: str
    message: str
    bad: tuple[str, str, str]
    """An example of what it finds: a path, the text of the file, and the text that is reported."""


_ASKED: Final = (
    _Asked(
        "allowed-owners",
        "Actions and workflows come from owners that we have looked at",
        Severity.HIGH,
        "pinning",
        ("action", "reusable-workflow"),
        "{ owner: { exists: true } }",
        "owner",
        "{label} is of {owner}, whom nobody here has allowed; look at it, then add the owner to `allowed-owners`",
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: somebody-new/action@v1",
            "somebody-new/action@v1",
        ),
    ),
    _Asked(
        "allowed-substituters",
        "Binary caches are those that we trust",
        Severity.HIGH,
        "nix-trust",
        ("flake", "nix-conf", "workflow", "job", "step"),
        "{ substituters: { exists: true } }",
        "substituters",
        "a binary cache is used here that nobody has allowed; whoever holds its key decides what is installed",
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Install Nix\n"
            "        uses: cachix/install-nix-action@v31\n        with:\n"
            "          extra_nix_config: substituters = https://somebody-new.example",
            "https://somebody-new.example",
        ),
    ),
)


def _checks(world: World, policy: Policy) -> Iterator[str]:
    """Checks that the pack does not have."""
    offered = [(one, _values(one, world)) for one in _ASKED if one.id not in policy.own]
    offered = [(one, found) for one, found in offered if 0 < len(found) <= _MOST_NAMES]
    if not offered:
        return
    yield "# Checks of your own, over the graph of this repository: `snowfence schema nodes` lists what can be asked, `snowfence"
    yield "# policy test` runs their examples. These allow what is used today, and report what comes new."
    yield "values:"
    for one, found in offered:
        yield f"  #{one.id}:"
        yield from (f"    #- {word(name)}" for name in found)
    yield "checks:"
    for one, _ in offered:
        many = _many(one)
        listed = f"{{ in: {{ value: {one.id} }} }}"
        yield f"  #{one.id}:"
        yield f"    #title: {one.title}"
        yield f"    #severity: {one.severity}"
        yield f"    #area: {one.area}"
        yield f"    #select: [{', '.join(one.kinds)}]"
        yield f"    #where: {one.where}"
        yield f"    #require: {{ {one.attribute}: {f'{{ all: {listed} }}' if many else listed} }}"
        yield f"    #message: {word(one.message)}"
        yield from _example(one)


def _example(asked: _Asked) -> Iterator[str]:
    path, text, at = asked.bad
    yield "    #examples:"
    yield "      #bad:"
    yield f"        #- at: {word(at)}"
    yield "          #files:"
    yield f"            #{word(path)}: |"
    for line in text.splitlines():
        left = line.lstrip()
        yield f"{' ' * (14 + len(line) - len(left))}#{left}"


def _values(asked: _Asked, world: World) -> list[str]:
    """What occurs today."""
    found: set[str] = set()
    known = attributes()
    for node in world.graph.nodes.values():
        if node.kind not in asked.kinds:
            continue
        attribute = known[node.kind].get(asked.attribute, {}).get(type(node))
        answer = world.value(attribute, node) if attribute is not None else ()
        if isinstance(answer, str):
            found.add(answer)
        elif isinstance(answer, tuple) and not isinstance(answer, Missing):
            found.update(answer)
    return sorted(one for one in found if _NAMING & set(one))


def _many(asked: _Asked) -> bool:
    """Whether the attribute is a list."""
    return any(
        one.many
        for kind in asked.kinds
        for one in attributes().get(kind, {}).get(asked.attribute, {}).values()
    )


# ---------------------------------------------------------------- exceptions


def _exceptions(report: Report) -> Iterator[str]:
    worst = max(report.findings, key=lambda one: one.severity, default=None)
    if worst is None:
        return
    yield "# A finding that is right and stays: with the reason, for whoever reads this next, and the last day on which that holds."
    yield "# One that is over or matches nothing is a finding itself. For many of them there is `snowfence policy accept`."
    yield "exceptions:"
    yield f"  #- rule: {word(worst.rule)}"
    yield f"    #path: {word(_literal(worst.at.path))}"
    yield "    #reason: why this is acceptable, and until when"
    yield f"    #expires: {_later(report.now)}"


def _later(now: date) -> str:
    return (now + timedelta(days=_EXCEPTION_DAYS)).isoformat()
