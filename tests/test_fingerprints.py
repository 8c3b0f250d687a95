"""A fingerprint outlives edits that change nothing of what the finding says, and a different attack has another one.

A finding is identified by its rule, the node that it is about and the rule's evidence. So what is accepted stays accepted when
lines move, notation changes, neighbours come and go, and locks and pins are updated; and what is new is reported, even where
something else has been accepted.
"""

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from scanner.discover import discover, kind_of
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Finding
from scanner.model.source import Source
from scanner.pipeline import check, read_sources
from scanner.policy.accepted import entry_of
from scanner.policy.load import pack
from scanner.policy.policy import Policy
from tests.edits import EDITS, Texts
from tests.support import CORPUS, NOW, ROOT

KNOWLEDGE: Final = Knowledge()
STRICT: Final = pack("strict")
ORGANISATION: Final = pack("organisation")  # own checks as well

CHANGES_WHAT_IT_SAYS: Final = {
    (
        "updates",
        "ref-version-mismatch",
    ): "it is about the comment behind a pin, and the comment is another one",
    ("updates", "fresh-input"): "it is about a commit that is too new, and the commit is another one",
    (
        "updates",
        "actions-lock-missing-pin",
    ): "it is about an entry that the lock lacks, and now it lacks another one",
    (
        "a step before the others",
        "unused-ignore",
    ): "the new step runs a script, of which the rule that the comment names speaks",
}
"""Edits that change what a rule says, and why."""

EVERY_NTH: Final = 5
TODAY: Final = date.fromisoformat(NOW)


class _NoGit:
    """Every file of a folder counts."""

    def toplevel(self, folder: Path) -> Path | None:
        return None

    def visible_files(self, root: Path) -> list[str] | None:
        return None


def texts_of(root: Path) -> Texts:
    return {one.path: (one.kind, one.text) for one in discover(root, _NoGit()).sources}


def findings(texts: Texts, policy: Policy = STRICT) -> dict[str, Finding]:
    """What a policy finds, by fingerprint."""
    sources = [Source(path, kind, text) for path, (kind, text) in texts.items()]
    report = check("x", read_sources(sources, [], KNOWLEDGE), policy, KNOWLEDGE, date.fromisoformat(NOW))
    return {one.fingerprint: one for one in report.findings}


def repositories() -> list[Path]:
    """The fixtures, and of the corpus one that we know well and every fifth."""
    found = [folder for folder in sorted((ROOT / "fixtures").iterdir()) if folder.is_dir()]
    if CORPUS.is_dir():
        found += [CORPUS / "blazedots", *islice(sorted((CORPUS / "open").iterdir()), 0, None, EVERY_NTH)]
    return found


# ---------------------------------------------------------------- what stays


@pytest.mark.parametrize(
    ("policy", "root"),
    [
        *(pytest.param(STRICT, root, id=f"strict-{root.name}") for root in repositories()),
        *(pytest.param(ORGANISATION, root, id=f"organisation-{root.name}") for root in repositories()[::3]),
    ],
)
def test_fingerprints_outlive_edits(policy: Policy, root: Path) -> None:
    texts = texts_of(root)
    before = findings(texts, policy)
    lost: list[tuple[str, str, str, str]] = []
    for name, edit in EDITS.items():
        edited = edit(texts)
        after = findings(edited, policy) if edited != texts else before
        lost += [
            (name, one.rule, one.subject, one.message)
            for fingerprint, one in before.items()
            if not (fingerprint in after and entry_of(one, TODAY).covers(after[fingerprint]))
            and (name, one.rule) not in CHANGES_WHAT_IT_SAYS
        ]
    assert lost == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real repositories is not beside the checkout")
def test_fingerprints_outlive_all_edits_at_once() -> None:
    texts = texts_of(CORPUS / "blazedots")
    edited = texts
    for edit in EDITS.values():
        edited = edit(edited)
    assert edited != texts
    assert findings(texts).keys() <= findings(edited).keys()


def test_every_edit_edits_something() -> None:
    """An edit that leaves all as it was would prove nothing."""
    fixtures = [texts_of(folder) for folder in (ROOT / "fixtures").iterdir() if folder.is_dir()]
    assert [name for name, edit in EDITS.items() if all(edit(one) == one for one in fixtures)] == []


# ---------------------------------------------------------------- what is new

WORKFLOW: Final = ".github/workflows/ci.yml"
HEAD: Final = "on: pull_request_target\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n"
INPUT: Final = (
    '{"nodes": {"root": {"inputs": {"tool": "tool"}}, "tool": {"locked": {"lastModified": 1700000000, "narHash": '
    '"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "owner": "OWNER", "repo": "tool", "rev": '
    '"1111111111111111111111111111111111111111", "type": "github"}, "original": {"owner": "somebody", "repo": "tool", '
    '"type": "github"}}}, "root": "root", "version": 7}'
)


def job(*lines: str) -> str:
    return HEAD + "".join(f"    {line}\n" for line in lines)


ATTACKS: Final = {
    "another expression in the same script": (
        "template-injection",
        WORKFLOW,
        job("steps:", "  - name: x", "    run: echo ${{ github.event.pull_request.title }}"),
        job(
            "steps:",
            "  - name: x",
            "    run: echo ${{ github.event.pull_request.title }} ${{ github.event.pull_request.body }}",
        ),
    ),
    "another owner in a tampered lock": (
        "lock-tampered",
        "flake.lock",
        INPUT.replace("OWNER", "evil"),
        INPUT.replace("OWNER", "worse"),
    ),
    "another action in the same step": (
        "unpinned-uses",
        WORKFLOW,
        job("steps:", "  - name: x", "    uses: some/action@v1"),
        job("steps:", "  - name: x", "    uses: other/action@v1"),
    ),
    "another permission": (
        "excessive-permissions",
        WORKFLOW,
        HEAD.replace("{}", "{contents: write}") + "    steps: [{run: make}]\n",
        HEAD.replace("{}", "{contents: write, packages: write}") + "    steps: [{run: make}]\n",
    ),
    "another secret": (
        "secrets-outside-env",
        WORKFLOW,
        job("steps:", "  - name: x", "    run: make", "    env: {A: '${{ secrets.ONE }}'}"),
        job("steps:", "  - name: x", "    run: make", "    env: {A: '${{ secrets.TWO }}'}"),
    ),
    "another workflow that gets all secrets": (
        "secrets-inherit",
        WORKFLOW,
        "on: push\njobs:\n  a:\n    uses: some/thing/.github/workflows/x.yml@v1\n    secrets: inherit\n",
        "on: push\njobs:\n  a:\n    uses: other/thing/.github/workflows/x.yml@v1\n    secrets: inherit\n",
    ),
    "another download": (
        "unverified-download",
        WORKFLOW,
        job("steps:", "  - name: x", "    run: curl -L https://one.example/x | sh"),
        job("steps:", "  - name: x", "    run: curl -L https://two.example/x | sh"),
    ),
    "another download in a step without a name": (
        "unverified-download",
        WORKFLOW,
        job("steps:", "  - run: curl -L https://one.example/x | sh"),
        job("steps:", "  - run: curl -L https://two.example/x | sh"),
    ),
    "a further step without a name": (
        "debug-logging",
        WORKFLOW,
        job("steps:", "  - run: set -x; deploy --token ${{ secrets.ONE }}"),
        job(
            "steps:",
            "  - run: set -x; deploy --token ${{ secrets.ONE }}",
            "  - run: set -x; publish ${{ secrets.ONE }}",
        ),
    ),
    "another image": (
        "unpinned-images",
        WORKFLOW,
        job("container: one/image:1", "steps: [{run: make}]"),
        job("container: two/image:1", "steps: [{run: make}]"),
    ),
    "another cache": (
        "untrusted-substituter",
        "nix.conf",
        "extra-substituters = https://one.example\nextra-trusted-public-keys = one.example-1:AAAA\n",
        "extra-substituters = https://one.example https://two.example\n"
        "extra-trusted-public-keys = one.example-1:AAAA two.example-1:BBBB\n",
    ),
    "another machine": (
        "self-hosted-runner",
        WORKFLOW,
        "on: push\njobs:\n  a:\n    runs-on: [self-hosted, one]\n    steps: [{run: make}]\n",
        "on: push\njobs:\n  a:\n    runs-on: [self-hosted, two]\n    steps: [{run: make}]\n",
    ),
    "another event": (
        "dangerous-triggers",
        WORKFLOW,
        job("steps: [{run: make}]"),
        job("steps: [{run: make}]").replace(
            "pull_request_target", "{pull_request_target: , workflow_run: {workflows: [x]}}"
        ),
    ),
    "another variable that others set": (
        "environment-injection",
        WORKFLOW,
        job(
            "env: {BODY: '${{ github.event.comment.body }}'}",
            "steps:",
            "  - name: x",
            '    run: echo "A=$BODY" >> $GITHUB_ENV',
        ).replace("pull_request_target", "issue_comment"),
        job(
            "env: {BODY: '${{ github.event.comment.body }}'}",
            "steps:",
            "  - name: x",
            '    run: echo "B=$BODY" >> $GITHUB_ENV',
        ).replace("pull_request_target", "issue_comment"),
    ),
    "another owner of actions": (
        "unverified-owner",
        WORKFLOW,
        job("steps:", "  - uses: some/action@v1"),
        job("steps:", "  - uses: some/action@v1", "  - uses: other/action@v1"),
    ),
}
"""Pairs of files: what is found in the second is not what was accepted in the first."""


@pytest.mark.parametrize(("rule", "path", "accepted", "attack"), ATTACKS.values(), ids=ATTACKS)
def test_accepting_one_finding_hides_no_other(rule: str, path: str, accepted: str, attack: str) -> None:
    before, after = (
        {print for print, one in findings({path: (kind_of(path) or "", text)}).items() if one.rule == rule}
        for text in (accepted, attack)
    )
    assert before, "the rule has to speak of what is accepted"
    assert after - before


STAKES: Final = {
    "a right": (
        "template-injection",
        job("steps:", "  - run: echo ${{ github.event.pull_request.title }}"),
        ("permissions: {}", "permissions: {contents: write}"),
        ("contents: write",),
    ),
    "a secret in another step": (
        "template-injection",
        job("steps:", "  - run: echo ${{ github.event.pull_request.title }}"),
        ("    steps:\n", "    steps:\n      - {run: make, env: {A: '${{ secrets.KEY }}'}}\n"),
        ("secret KEY",),
    ),
    "a machine of one's own": (
        "template-injection",
        job("steps:", "  - run: echo ${{ github.event.pull_request.title }}"),
        ("runs-on: ubuntu-24.04", "runs-on: self-hosted"),
        ("a self-hosted machine",),
    ),
    "a right of a job that builds what comes": (
        "untrusted-checkout",
        job(
            "permissions: {issues: write}",
            "steps:",
            "  - uses: actions/checkout@v4",
            "    with: {ref: '${{ github.event.pull_request.head.sha }}'}",
            "  - run: make",
        ),
        ("issues: write}", "issues: write, contents: write}"),
        ("contents: write", "issues: write"),
    ),
    "a second job with rights": (
        "dangerous-triggers",
        job("permissions: {issues: write}", "steps: [{run: make}]"),
        (
            "jobs:\n",
            "jobs:\n  b: {runs-on: ubuntu-24.04, permissions: {issues: write}, steps: [{run: make}]}\n",
        ),
        ("a: issues: write", "b: issues: write"),
    ),
    "a secret beside an action that follows a tag": (
        "privileged-unpinned",
        job("permissions: {issues: write}", "steps:", "  - uses: some/action@v1"),
        ("    steps:\n", "    env: {A: '${{ secrets.KEY }}'}\n    steps:\n"),
        ("issues: write", "secret KEY"),
    ),
}
"""What a run comes to hold: the rule, a workflow, an edit of it, and what there is to lose then."""


@pytest.mark.parametrize(("rule", "text", "edit", "stakes"), STAKES.values(), ids=STAKES)
def test_a_finding_is_accepted_for_what_there_was_to_lose(
    rule: str, text: str, edit: tuple[str, str], stakes: tuple[str, ...]
) -> None:
    def found(text: str) -> Finding:
        [one] = [one for one in findings({WORKFLOW: ("workflow", text)}, STRICT).values() if one.rule == rule]
        return one

    before, after = found(text), found(text.replace(*edit))
    assert after.fingerprint == before.fingerprint
    assert after.stakes == stakes
    assert not entry_of(before, TODAY).covers(after._replace(severity=before.severity))
    assert entry_of(after, TODAY).covers(before._replace(severity=after.severity))


def test_a_key_of_another_name_is_another_finding() -> None:
    def found(secret: str) -> set[str]:
        step = "  - {uses: azure/login@v2, with: {creds: '${{ secrets.%s }}'}}" % secret  # noqa: UP031
        of = findings({WORKFLOW: ("workflow", job("steps:", step))}).values()
        return {one.fingerprint for one in of if one.rule == "long-lived-credentials"}

    assert found("ONE")
    assert not found("ONE") & found("TWO")


def test_a_bump_reopens_nothing_and_another_action_does() -> None:
    def found(uses: str) -> set[str]:
        text = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: {uses}\n"
        return {
            one.fingerprint
            for one in findings({WORKFLOW: ("workflow", text)}).values()
            if one.rule == "unpinned-uses"
        }

    assert found("some/action@v1") == found("some/action@v2") == found("Some/Action@1.2.3") != set()
    assert not found("some/action@v1") & found("some/action@main")
    assert not found("some/action@v1") & found("some/other@v1")
