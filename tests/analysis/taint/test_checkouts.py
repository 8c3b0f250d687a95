"""What a step asks for when it fetches code: of whom, where it lies, and whether it can still change."""

import pytest

from scanner.analysis.taint.heads import guessed
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.taint.trees import Tree
from scanner.graph.nodes.workflows import StepNode
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"


def fetched(step: str, on: str = "pull_request_target") -> tuple[Tree, ...]:
    graph, problems = repository(
        {CI: f"on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n"}
    )
    assert not problems
    return taint_of(graph, KNOWLEDGE).workspace.fetched(next(graph.of(StepNode)))


def checkout(given: str, version: str = "v4") -> str:
    return f"{{uses: actions/checkout@{version}, with: {{{given}}}}}"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (checkout("ref: '${{ github.head_ref }}'"), "${{ github.head_ref }}"),
        (checkout("ref: 'refs/pull/${{ github.event.number }}/merge'"), "refs/pull/${{ github.event.number }}/merge"),
        (checkout("repository: '${{ github.event.pull_request.head.repo.full_name }}'"), "${{ github.event.pull_request.head.repo.full_name }}"),
        (checkout("ref: '${{ github.event.pull_request.base.sha }}'"), None),
        (checkout("ref: '${{ github.event.number }}'"), None),
        (checkout("ref: '${{ github.head_ref }}', repository: some/other"), None),
        (checkout("ref: '${{ ( }}'"), None),
        ("uses: actions/checkout@v4", None),
        ("{uses: a/b@v4, with: {ref: '${{ github.head_ref }}'}}", None),
        ("run: gh pr checkout $X", "gh pr checkout $X"),
        ("run: gh pr view $X", None),
        ("run: git fetch origin pull/12/head", "git fetch origin pull/12/head"),
        ("run: git fetch origin '+refs/pull/*/head:refs/remotes/pull/*'", None),
        ("run: git checkout ${{ github.event.pull_request.head.sha }}", "git checkout ${{ github.event.pull_request.head.sha }}"),
        ("{run: git checkout $SHA, env: {SHA: '${{ github.event.pull_request.head.sha }}'}}", "git checkout $SHA"),
        ("{run: git checkout $SHA, env: {SHA: '${{ github.sha }}'}}", None),
        ("{run: git fetch origin issue/$N, env: {N: '${{ github.event.issue.number }}'}}", None),
        ("{run: 'git fetch https://github.com/some/other.git $R', env: {R: '${{ github.head_ref }}'}}", None),
        ("{run: 'git clone https://github.com/$R', env: {R: '${{ github.event.pull_request.head.repo.full_name }}'}}", "git clone https://github.com/$R"),
        ("run: git checkout main", None),
        ("{run: 'curl -L https://github.com/$R/archive/main.tar.gz | tar xz', env: {R: '${{ github.event.pull_request.head.repo.full_name }}'}}", "curl -L https://github.com/$R/archive/main.tar.gz"),
        ("{run: 'curl -L https://github.com/$R/archive/main.tar.gz -o x.tgz', env: {R: '${{ github.event.pull_request.head.repo.full_name }}'}}", None),
        ("{run: 'curl -L https://github.com/$R/archive/main.tar.gz | tar xz', env: {R: '${{ github.repository }}'}}", None),
        ("{run: 'curl -L https://github.com/a/b/archive/$R.zip -o x.zip && unzip x.zip', env: {R: '${{ github.event.pull_request.base.sha }}'}}", None),
        ("{run: 'curl -L $U -o x.zip && unzip x.zip', env: {U: 'https://github.com/${{ github.event.pull_request.head.repo.full_name }}/archive/main.zip'}}", "curl -L $U -o x.zip"),
        ("{run: 'gh api repos/$R/tarball/$S > x.tgz && tar xzf x.tgz', env: {R: '${{ github.repository }}', S: '${{ github.event.pull_request.head.sha }}'}}", "gh api repos/$R/tarball/$S"),
        ("{run: 'gh api repos/$R/issues/$S > x.tgz && tar xzf y.tgz', env: {R: '${{ github.repository }}', S: '${{ github.event.pull_request.head.sha }}'}}", None),
        ("run: gh pr diff 7 | git apply", "gh pr diff 7"),
        ("run: gh pr diff 7 | git apply --stat", None),
        ("run: gh pr diff 7 > it.diff", None),
        ("{run: 'curl -sL $U | git am', env: {U: '${{ github.event.pull_request.patch_url }}'}}", "curl -sL $U"),
        ("{run: 'curl -sL $U | less', env: {U: '${{ github.event.pull_request.patch_url }}'}}", None),
        ("run: echo git checkout ${{ github.head_ref }}", None),
        ("run: git log ${{ github.head_ref }}", None),
    ],
)  # fmt: skip
def test_what_is_asked_for(step: str, expected: str | None) -> None:
    found = fetched(step)
    assert (found[0].at.text if found else None) == expected


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("ref: '${{ github.head_ref }}'", True),
        ("ref: '${{ github.event.pull_request.head.ref }}'", True),
        ("ref: '${{ github.event.workflow_run.head_branch }}'", True),
        ("ref: '${{ github.head_ref }}', repository: '${{ github.repository }}'", True),
        ("ref: '${{ github.event.pull_request.head.sha }}'", False),
        ("ref: 'refs/pull/${{ github.event.number }}/head'", False),
        ("ref: '${{ github.event.pull_request.head.sha || github.head_ref }}'", False),
        (
            "ref: '${{ github.head_ref }}', repository: '${{ github.event.pull_request.head.repo.full_name }}'",
            False,
        ),
    ],
)
def test_a_branch_by_name_is_one_of_this_repository(given: str, own: bool) -> None:
    (tree,) = fetched(checkout(given))
    assert tree.own is own


@pytest.mark.parametrize(
    ("given", "fixed"),
    [
        ("ref: '${{ github.event.pull_request.head.sha }}'", True),
        ("ref: '${{ github.event.pull_request.merge_commit_sha }}'", True),
        ("ref: '${{ github.event.workflow_run.head_sha }}'", True),
        ("ref: 'refs/pull/${{ github.event.number }}/merge'", False),
        ("repository: '${{ github.event.pull_request.head.repo.full_name }}', ref: main", False),
    ],
)
def test_only_a_commit_of_the_event_stays_the_same(given: str, fixed: bool) -> None:
    (tree,) = fetched(checkout(given))
    assert tree.fixed is fixed


@pytest.mark.parametrize(
    ("given", "on", "latent"),
    [
        ("ref: '${{ github.event.pull_request.head.sha }}'", "pull_request_target", False),
        ("ref: '${{ github.event.pull_request.head.sha }}'", "issue_comment", True),
        ("ref: '${{ github.event.workflow_run.head_sha }}'", "workflow_run", False),
        ("ref: '${{ github.event.workflow_run.head.sha }}'", "workflow_run", True),
        ("ref: 'refs/pull/${{ github.event.number }}/head'", "issue_comment", True),
        ("ref: 'refs/pull/${{ github.event.issue.number }}/head'", "issue_comment", False),
    ],
)
def test_what_no_event_brings_along(given: str, on: str, latent: bool) -> None:
    on = "{workflow_run: {workflows: [CI]}}" if on == "workflow_run" else on
    (tree,) = fetched(checkout(given), on)
    assert tree.latent is latent


@pytest.mark.parametrize(
    ("given", "version", "guarded"),
    [
        ("ref: '${{ github.event.pull_request.head.sha }}'", "v4", True),
        ("ref: '${{ github.event.pull_request.head.sha }}'", "v4.1.0", False),
        ("ref: '${{ github.event.pull_request.head.sha }}', allow-unsafe-pr-checkout: true", "v4", False),
        ("ref: '${{ github.event.pull_request.head.sha }}', allow-unsafe-pr-checkout: false", "v4", True),
        ("repository: '${{ github.event.pull_request.head.repo.full_name }}'", "v4", True),
        ("ref: 'refs/pull/${{ github.event.number }}/merge'", "v4", True),
        ("ref: '${{ github.head_ref }}'", "v4", False),
    ],
)
def test_what_the_guard_of_the_action_stops(given: str, version: str, guarded: bool) -> None:
    (tree,) = fetched(checkout(given, version))
    assert ("pull_request_target" in tree.guarded) is guarded


@pytest.mark.parametrize(
    ("output", "guess"),
    [("head_sha", True), ("pr-ref", True), ("base_sha", None), ("colour", None)],
)
def test_only_its_name_says_what_an_output_is(output: str, guess: bool | None) -> None:
    graph, _ = repository(
        {
            CI: "on: issue_comment\njobs:\n  a:\n    runs-on: x\n    steps:\n"
            "      - {id: s, uses: some/action@v1}\n"
            f"      - {checkout('ref: ' + chr(39) + '${{ steps.s.outputs.' + output + ' }}' + chr(39))}\n"
        }
    )
    trees = taint_of(graph, KNOWLEDGE).workspace.fetched(list(graph.of(StepNode))[1])
    assert (trees[0].guess if trees else None) == guess


@pytest.mark.parametrize(
    ("output", "sort"),
    [
        ("head_sha", "commit"),
        ("headSha", "commit"),
        ("staged_head_sha", "commit"),
        ("domain_sha", "commit"),
        ("pr-ref", "branch"),
        ("source-branch", "branch"),
        ("prNumber", "number"),
        ("main_sha", None),
        ("baseSha", None),
        ("latest-tag-sha", None),
        ("defaultbranch", None),
        ("release_ref", None),
        ("shared", None),
        ("android", None),
        ("header", None),
        ("sprint", None),
    ],
)
def test_a_name_is_read_by_its_words(output: str, sort: str | None) -> None:
    assert guessed(output) == sort


BOTH = """\
on: [issue_comment, pull_request_target]
jobs:
  a:
    runs-on: x
    steps:
      - run: |
          case "${{ github.event_name }}" in
            issue_comment)
              N="${{ github.event.issue.number }}"
              ;;
            *)
              N="${{ github.event.pull_request.number }}"
              ;;
          esac
          echo "N=$N" >> "$GITHUB_ENV"
      - run: gh pr checkout "$N"
"""


@pytest.mark.parametrize(
    ("event", "line"), [("issue_comment", "issue.number"), ("pull_request_target", "pull_request.number")]
)
def test_the_way_is_that_of_the_event(event: str, line: str) -> None:
    graph, _ = repository({CI: BOTH})
    (tree,) = taint_of(graph, KNOWLEDGE).workspace.fetched(list(graph.of(StepNode))[1])
    (first, *_) = tree.led_by(event)
    assert line in first.at.text


@pytest.mark.parametrize(("ref", "found"), [("refs/pull/$N/head", True), ("$N", False)])
def test_a_number_names_a_pull_request_only_behind_its_ref(ref: str, found: bool) -> None:
    graph, _ = repository(
        {
            CI: "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n"
            f'      - {{id: s, run: echo "ref={ref}" >> "$GITHUB_OUTPUT", env: {{N: "${{{{ github.event.pull_request.number }}}}"}}}}\n'
            f"      - {checkout('ref: ' + chr(39) + '${{ steps.s.outputs.ref }}' + chr(39))}\n"
        }
    )
    assert bool(taint_of(graph, KNOWLEDGE).workspace.fetched(list(graph.of(StepNode))[1])) is found
