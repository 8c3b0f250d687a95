"""Which checks stand before a step, by event, and against what each helps; every one with its negative twin."""

from typing import Literal

import pytest

from scanner.analysis.outsiders.checks import Against, Check, protects
from scanner.analysis.outsiders.reach import Reach
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Source, Span
from tests.memory import KNOWLEDGE, repository

PATH = ".github/workflows/ci.yml"
CALLED = ".github/workflows/called.yml"
PULL = "github.event.pull_request"
HEAD = f"{PULL}.head.repo"
RUN = "github.event.workflow_run"
TARGET = "pull_request_target"
COMMENT = "issue_comment"
OUT: Literal["never"] = "never"


def kinds(text: str, event: str, more: dict[str, str] | None = None) -> str:
    """The checks before the step `echo last` in runs of an event, or `never` where none gets there."""
    graph, _ = repository({PATH: text, **(more or {})})
    reach = Reach(graph, KNOWLEDGE)
    (node,) = [
        one
        for one in graph.of(StepNode)
        if one.step.run is not None and one.step.run.script.value.strip() == "echo last"
    ]
    if event not in reach.of(node):
        return OUT
    return " ".join(check.kind for check in reach.checks(node, event))


def job(condition: str, event: str) -> str:
    return f"on: {event}\njobs:\n  a:\n    if: |-\n      {condition}\n    runs-on: x\n    steps:\n      - run: echo last\n"


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ("github.actor == 'me'", TARGET, "actor"),
        ("github.actor != 'me'", TARGET, ""),
        ("github.actor == 'me'", COMMENT, "actor"),
        ("github.actor == github.repository_owner", "issues", "actor"),
        (f"github.actor == {PULL}.user.login", TARGET, ""),
        ('contains(fromJSON(\'["me", "you"]\'), github.actor)', TARGET, "actor"),
        ("contains(vars.PEOPLE, github.actor)", TARGET, "actor"),
        ('contains(fromJSON(\'["me", "dependabot[bot]"]\'), github.actor)', TARGET, ""),
        ('!contains(fromJSON(\'["me", "you"]\'), github.actor)', TARGET, ""),
        # A bot acts on what others have written; who has opened the pull request stays.
        ("github.actor == 'dependabot[bot]'", TARGET, ""),
        (f"{PULL}.user.login == 'dependabot[bot]'", TARGET, "actor"),
        # Whoever comments has not written the issue.
        ("github.event.comment.user.login == 'me'", COMMENT, "actor"),
        ("github.event.issue.user.login == 'me'", COMMENT, "author"),
        ("github.event.issue.user.login == 'me'", "issues", "actor"),
        ("github.event.issue.author_association == 'OWNER'", COMMENT, "author"),
        ("github.event.comment.author_association == 'OWNER'", COMMENT, "association"),
        ("github.event.comment.author_association == 'NONE'", COMMENT, ""),
        ("contains('OWNER MEMBER', github.event.comment.author_association)", COMMENT, "association"),
        (
            "contains(fromJSON('[\"OWNER\"]'), github.event.comment.author_association)",
            COMMENT,
            "association",
        ),
        ('contains(fromJSON(\'["OWNER", "NONE"]\'), github.event.comment.author_association)', COMMENT, ""),
        (f"{PULL}.author_association != 'NONE'", TARGET, ""),
        (
            f"{PULL}.author_association != 'NONE' && {PULL}.author_association != 'FIRST_TIMER' && "
            f"{PULL}.author_association != 'FIRST_TIME_CONTRIBUTOR' && {PULL}.author_association != 'CONTRIBUTOR'",
            TARGET,
            "association",
        ),
        # One merged pull request makes a contributor.
        (f"{PULL}.author_association == 'CONTRIBUTOR'", TARGET, ""),
        (f"{PULL}.author_association == 'COLLABORATOR'", TARGET, "association"),
        # A comment brings no pull request along: empty is not NONE.
        (f"{PULL}.author_association != 'NONE'", COMMENT, ""),
        (f"{PULL}.author_association == 'OWNER'", COMMENT, OUT),
        (f"{HEAD}.full_name == github.repository", TARGET, "repository"),
        (f"{HEAD}.full_name != github.repository", TARGET, ""),
        (f"{HEAD}.full_name == github.repository", COMMENT, OUT),
        (f"{HEAD}.fork == false", TARGET, "repository"),
        (f"!{HEAD}.fork", TARGET, "repository"),
        (f"!{HEAD}.fork", COMMENT, ""),
        (f"{HEAD}.fork", TARGET, ""),
        (f"{HEAD}.owner.login == 'org'", TARGET, "repository"),
        (f"startsWith({PULL}.head.label, 'org:')", TARGET, "repository"),
        # True of every run.
        ("github.repository == 'org/repo'", TARGET, ""),
        ("github.repository_owner == 'org'", TARGET, ""),
        (f"{PULL}.base.repo.full_name == github.repository", TARGET, ""),
        (f"{RUN}.head_repository.full_name == github.repository", "workflow_run", "repository"),
        (f"{RUN}.repository.full_name == github.repository", "workflow_run", ""),
        (f"{RUN}.event == 'push'", "workflow_run", "event"),
        (f"{RUN}.event != 'pull_request'", "workflow_run", "event"),
        (f"{RUN}.event == 'pull_request'", "workflow_run", ""),
        (f"{RUN}.event == 'issue_comment'", "workflow_run", ""),
        (f"{RUN}.conclusion == 'success'", "workflow_run", ""),
        # A fork names its branches as it likes.
        (f"{RUN}.head_branch == 'main'", "workflow_run", "branch"),
        ("github.head_ref == 'release'", TARGET, "branch"),
        ("github.event.label.name == 'ok'", TARGET, "label"),
        (f"contains({PULL}.labels.*.name, 'ok')", TARGET, "label"),
        (f"!contains({PULL}.labels.*.name, 'wip')", TARGET, ""),
        ("contains(github.event.issue.labels.*.name, 'ok')", COMMENT, "label"),
        # Templates give labels to anybody's issues.
        ("contains(github.event.issue.labels.*.name, 'ok')", "issues", ""),
        (f"{PULL}.merged", TARGET, "merged"),
        (f"{PULL}.merged == true", TARGET, "merged"),
        (f"{PULL}.merged == false", TARGET, ""),
        # Alternatives count by the weakest.
        ("github.actor == 'me' || github.actor == 'you'", TARGET, "actor"),
        ("github.actor == 'me' || startsWith(github.event.comment.body, '/x')", COMMENT, ""),
        (f"github.actor == 'me' || {HEAD}.full_name == github.repository", TARGET, "several"),
        (f"github.actor == 'me' || contains({PULL}.labels.*.name, 'ok')", TARGET, "several"),
        (f"github.actor == 'me' && contains({PULL}.labels.*.name, 'ok')", TARGET, "actor label"),
        # Alternatives for other events take nothing away.
        ("github.event_name == 'push' || github.actor == 'me'", TARGET, "actor"),
        (f"github.event_name != '{TARGET}' || github.actor == 'me'", TARGET, "actor"),
        (f"github.event_name != '{TARGET}' || github.actor == 'me'", "issues", ""),
        (f"github.event_name == '{TARGET}' || github.actor == 'me'", TARGET, ""),
        ("github.event_name == 'push'", TARGET, OUT),
        (
            "github.event_name == 'push' || (github.event_name == 'issues' && github.actor == 'me')",
            "issues",
            "actor",
        ),
        ("!(github.actor == 'spam')", TARGET, ""),
        ("!(github.actor != 'me')", TARGET, "actor"),
        ("!(always() && github.actor != 'me')", TARGET, ""),
        ("!(always() || github.actor != 'me')", TARGET, "actor"),
        ("always() || github.actor == 'me'", TARGET, ""),
        ("always() && (github.actor == 'me' || github.actor == 'you')", TARGET, "actor"),
        ("false || github.actor == 'me'", TARGET, "actor"),
        ("(github.actor == 'me') == true", TARGET, "actor"),
        ("(github.actor == 'me') != true", TARGET, ""),
        ("github.actor != ''", TARGET, ""),
        ("github.actor", TARGET, ""),
        ("startsWith(github.event.comment.body, '/run')", COMMENT, ""),
        ("always()", TARGET, ""),
        ("github.actor ==", TARGET, ""),
    ],
)
def test_conditions(condition: str, event: str, expected: str) -> None:
    assert kinds(job(condition, event), event) == expected
    # The same at the step.
    text = f"on: {event}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - if: |-\n          {condition}\n        run: echo last\n"
    assert kinds(text, event) == expected


ASK = "gh api repos/a/b/collaborators/$WHO/permission -q .permission"


def steps(before: str, condition: str = "", event: str = COMMENT) -> str:
    guard = f"        if: {condition}\n" if condition else ""
    return f"on: {event}\njobs:\n  a:\n    runs-on: x\n    steps:\n{before}      - run: echo last\n{guard}"


@pytest.mark.parametrize(
    ("before", "condition", "expected"),
    [
        ("      - uses: sushichop/action-repository-permission@v2\n", "", "permission"),
        (
            "      - uses: sushichop/action-repository-permission@v2\n        with: {required-permission: read}\n",
            "",
            "",
        ),
        ("      - uses: sushichop/action-repository-permission@v2\n        with: {relax: true}\n", "", ""),
        (
            "      - uses: sushichop/action-repository-permission@v2\n        continue-on-error: true\n",
            "",
            "",
        ),
        ("      - uses: sushichop/action-repository-permission@v2\n", "always()", ""),
        (
            "      - uses: sushichop/action-repository-permission@v2\n        if: github.event_name == 'issues'\n",
            "",
            "",
        ),
        # It only answers.
        ("      - {id: p, uses: actions-cool/check-user-permission@v2}\n", "", ""),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n",
            "steps.p.outputs.require-result == 'true'",
            "permission",
        ),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n",
            "steps.p.outputs.require-result != 'true'",
            "",
        ),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n",
            "contains('admin,write', steps.p.outputs.user-permission)",
            "permission",
        ),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n",
            "contains('read,write', steps.p.outputs.user-permission)",
            "",
        ),
        # `false` is a text, which counts as true.
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n",
            "steps.p.outputs.require-result",
            "",
        ),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n",
            "fromJSON(steps.p.outputs.require-result)",
            "permission",
        ),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n"
            "      - {run: exit 1, if: '!steps.p.outputs.require-result'}\n",
            "",
            "",
        ),
        (
            "      - {id: p, uses: actions-cool/check-user-permission@v2}\n"
            "      - {run: exit 1, if: steps.p.outputs.require-result == 'false'}\n",
            "",
            "permission",
        ),
        # Nothing is written for those who may not.
        (
            f'      - id: p\n        run: |\n          if [ "$({ASK})" = admin ]; then echo "ok=1" >> $GITHUB_OUTPUT; fi\n',
            "steps.p.outputs.ok",
            "permission",
        ),
        (
            f'      - id: p\n        run: |\n          if [ "$({ASK})" = admin ]; then R=1; else R=0; fi\n'
            '          echo "ok=$R" >> $GITHUB_OUTPUT\n',
            "steps.p.outputs.ok",
            "",
        ),
        # A name that only has such a word in it.
        (
            f"      - {{id: p, run: '{ASK} >> $GITHUB_OUTPUT'}}\n",
            "steps.p.outputs.skip_ci == 'x'",
            "permission",
        ),
        (
            f"      - {{id: p, run: '{ASK} >> $GITHUB_OUTPUT'}}\n",
            "steps.p.outputs.is-fork != 'true'",
            "permission",
        ),
        (f"      - {{id: p, run: '{ASK} >> $GITHUB_OUTPUT'}}\n", "steps.p.outputs.fork_ref != 'true'", ""),
        (f'      - run: |\n          [ "$({ASK})" = admin ] || exit 1\n', "", "permission"),
        (f'      - run: |\n          [ "$({ASK})" = admin ] || echo no\n', "", ""),
        (
            f"      - {{id: p, run: '{ASK} >> $GITHUB_OUTPUT'}}\n",
            "steps.p.outputs.x == 'admin'",
            "permission",
        ),
        (
            '      - run: |\n          if [ "$A" != OWNER ]; then exit 1; fi\n'
            "        env: {A: '${{ github.event.comment.author_association }}'}\n",
            "",
            "association",
        ),
        (
            '      - run: |\n          if [ "$A" != OWNER ]; then exit 1; fi\n'
            "        env: {A: '${{ github.event.comment.body }}'}\n",
            "",
            "",
        ),
        # It ends for another reason.
        (
            '      - run: |\n          [ "$A" = me ] && echo hello\n          make\n          make\n          make\n'
            "          make\n          make\n          make\n          exit 1\n        env: {A: '${{ github.actor }}'}\n",
            "",
            "",
        ),
        ("      - run: gh api orgs/o/members/$WHO\n", "", "permission"),
        ("      - run: gh api orgs/o/members/$WHO || true\n", "", ""),
        (
            "      - run: exit 1\n        if: github.event.comment.author_association != 'OWNER'\n",
            "",
            "association",
        ),
        ("      - run: echo no\n        if: github.event.comment.author_association != 'OWNER'\n", "", ""),
        ("      - run: exit 1\n", "", OUT),
        # A step that is left out says nothing.
        (
            "      - {id: p, run: 'echo ok=1 >> $GITHUB_OUTPUT', if: github.actor == 'me'}\n",
            "steps.p.outputs.ok == '1'",
            "actor",
        ),
        (
            "      - {id: p, run: 'echo ok=1 >> $GITHUB_OUTPUT', if: github.actor == 'me'}\n",
            "steps.p.outputs.ok != '1'",
            "",
        ),
        ("      - {id: p, run: make, if: github.actor == 'me'}\n", "steps.p.outcome == 'success'", "actor"),
        ("      - {id: p, run: make, if: github.actor == 'me'}\n", "steps.p.outcome == 'skipped'", ""),
        (
            '      - run: |\n          [ $(date -d "$pushed_at" +%s) -gt $(date -d "$AT" +%s) ] && exit 1\n',
            "",
            "time",
        ),
    ],
)
def test_steps_before(before: str, condition: str, expected: str) -> None:
    assert kinds(steps(before, condition), COMMENT) == expected


MINE = "if: github.event.comment.author_association == 'OWNER'"
NOT_MINE = "github.event.comment.author_association != ''OWNER''"


@pytest.mark.parametrize(
    ("before", "last", "expected"),
    [
        (f"{MINE}, steps: [run: x]", "needs: b", "association"),
        (f"{MINE}, steps: [run: x]", "if: always()", ""),
        (f"{MINE}, steps: [run: x]", "needs: b, if: always()", ""),
        (f"{MINE}, steps: [run: x]", "needs: b, if: '!cancelled()'", ""),
        (f"{MINE}, steps: [run: x]", "needs: b, if: always() && needs.b.result == 'success'", "association"),
        (f"{MINE}, steps: [run: x]", "needs: b, if: always() && needs.b.result != 'failure'", ""),
        # A job that may fail counts as a success; one that is skipped does not.
        (f"steps: [{{run: exit 1, if: '{NOT_MINE}'}}]", "needs: b", "association"),
        (f"continue-on-error: true, steps: [{{run: exit 1, if: '{NOT_MINE}'}}]", "needs: b", ""),
        (
            f"continue-on-error: true, steps: [{{run: exit 1, if: '{NOT_MINE}'}}]",
            "needs: b, if: needs.b.result == 'success'",
            "",
        ),
        (f"continue-on-error: true, {MINE}, steps: [run: x]", "needs: b", "association"),
        ("environment: prod, steps: [run: x]", "needs: b", "environment"),
        ("environment: '', steps: [run: x]", "needs: b", ""),
        ("steps: [run: x]", "environment: prod", "environment"),
        ("steps: [uses: prince-chrismc/check-actor-permissions-action@v3]", "needs: b", "permission"),
        ("steps: [uses: prince-chrismc/check-actor-permissions-action@v3]", "if: success()", ""),
        (
            f"outputs: {{ok: '${{{{ steps.p.outputs.ok }}}}'}}, steps: [{{id: p, run: '{ASK}'}}]",
            "needs: b, if: needs.b.outputs.ok == 'true'",
            "permission",
        ),
        (
            "outputs: {ok: '${{ steps.p.outputs.ok }}'}, steps: [{id: p, run: make}]",
            "needs: b, if: needs.b.outputs.ok == 'true'",
            "",
        ),
        (
            "outputs: {ok: \"${{ github.event.comment.author_association == 'OWNER' }}\"}, steps: [run: x]",
            "needs: b, if: needs.b.outputs.ok == 'true'",
            "association",
        ),
        (
            "outputs: {ok: \"${{ github.event.comment.author_association == 'OWNER' }}\"}, steps: [run: x]",
            "needs: b, if: needs.b.outputs.ok == 'false'",
            "",
        ),
    ],
)
def test_jobs_before(before: str, last: str, expected: str) -> None:
    text = f"on: {COMMENT}\njobs:\n  b: {{runs-on: x, {before}}}\n  a: {{runs-on: x, {last}, steps: [run: echo last]}}\n"
    assert kinds(text, COMMENT) == expected


@pytest.mark.parametrize(
    ("call", "inner", "expected"),
    [
        ("if: github.actor == 'me',", "", "actor"),
        ("", "", ""),
        ("", "if: github.actor == 'me',", "actor"),
        ("with: {event: '${{ github.event_name }}'},", "if: inputs.event == 'push',", OUT),
        ("with: {event: '${{ github.event_name }}'},", "if: inputs.event != 'push',", ""),
        ("with: {event: push},", "if: inputs.event != 'push',", OUT),
        ("with: {ok: \"${{ github.actor == 'me' }}\"},", "if: inputs.ok,", "actor"),
        ("with: {ok: \"${{ github.actor == 'me' }}\"},", "if: '!inputs.ok',", ""),
        ("", "if: inputs.ok,", OUT),
    ],
)
def test_callers(call: str, inner: str, expected: str) -> None:
    inputs = "{event: {type: string}, ok: {type: boolean, default: false}}"
    called = f"on: {{workflow_call: {{inputs: {inputs}}}}}\njobs:\n  b: {{runs-on: x, {inner} steps: [run: echo last]}}\n"
    text = f"on: {TARGET}\njobs:\n  a: {{{call} uses: ./{CALLED}}}\n"
    assert kinds(text, TARGET, {CALLED: called}) == expected


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ("{if: github.actor == 'me', uses: ./act}", "actor"),
        ("{uses: ./act}", ""),
        ("{uses: ./act}, {if: github.actor == 'me', uses: ./act}", ""),
        ("{uses: prince-chrismc/check-actor-permissions-action@v3}, {uses: ./act}", "permission"),
        ("{uses: ./act}, {uses: prince-chrismc/check-actor-permissions-action@v3}", ""),
        ("{uses: ./ask}, {uses: ./act}", "permission"),
        ("{if: github.event_name == 'push', uses: ./act}", OUT),
    ],
)
def test_actions_are_behind_what_their_users_are_behind(users: str, expected: str) -> None:
    composite = "runs:\n  using: composite\n  steps:\n    - {}\n"
    more = {
        "act/action.yml": composite.format("run: echo last"),
        "ask/action.yml": composite.format("uses: lannonbr/repo-permission-check-action@v2"),
    }
    text = f"on: {TARGET}\njobs:\n  a:\n    runs-on: x\n    steps: [{users}]\n"
    assert kinds(text, TARGET, more) == expected


@pytest.mark.parametrize(
    ("kind", "event", "helps"),
    [
        ("actor", TARGET, "text code change"),
        ("actor", COMMENT, "text code"),
        ("association", COMMENT, "text code"),
        ("permission", "workflow_run", "text code change"),
        ("repository", TARGET, "text code change"),
        ("repository", "workflow_run", "text code change"),
        ("repository", COMMENT, ""),
        ("label", TARGET, "text code"),
        ("environment", TARGET, "text code"),
        ("environment", COMMENT, "text code"),
        ("author", COMMENT, "code"),
        ("author", "issues", "text code change"),
        ("time", COMMENT, "change"),
        ("time", TARGET, ""),
        ("branch", "workflow_run", ""),
        ("event", "workflow_run", "text code change"),
    ],
)
def test_what_a_check_helps_against(kind: str, event: str, helps: str) -> None:
    check = Check(kind, Span(Source(PATH, "workflow", "x"), 0, 1))  # type: ignore[arg-type]
    every: tuple[Against, ...] = ("text", "code", "change")
    assert " ".join(one for one in every if protects(check, event, one)) == helps


def test_several_help_as_the_weakest_does() -> None:
    at = Span(Source(PATH, "workflow", "x"), 0, 1)
    several = Check("several", at, ("actor", "label"))
    assert [one for one in ("text", "code", "change") if protects(several, TARGET, one)] == ["text", "code"]
    assert protects(Check("several", at, ("actor", "repository")), TARGET, "change")
    assert several.weakest == "label"
    condition = f"github.actor == 'me' || contains({PULL}.labels.*.name, 'ok')"
    graph, _ = repository({PATH: job(condition, TARGET)})
    (check,) = Reach(graph, KNOWLEDGE).checks(next(graph.of(StepNode)), TARGET)
    assert check.kinds == ("actor", "label")


def test_the_worst_way() -> None:
    text = f"on: [{TARGET}, issues]\njobs:\n  a:\n    if: github.event_name == 'issues' || github.actor == 'me'\n    steps: [run: echo last]\n"
    graph, _ = repository({PATH: text})
    reach, node = Reach(graph, KNOWLEDGE), next(graph.of(StepNode))
    worst = reach.worst(node)
    assert worst is not None
    assert (worst.event, worst.guarded, worst.checks) == ("issues", False, ())
    other = reach.worst(node, frozenset((TARGET,)))
    assert other is not None
    assert (other.event, other.guarded) == (TARGET, True)
    assert [check.at.text for check in other.checks] == [
        "github.event_name == 'issues' || github.actor == 'me'"
    ]
    assert reach.worst(node, frozenset(("fork",))) is None


def test_it_comes_to_an_end() -> None:
    """Actions and workflows that use each other, and long lines of jobs."""
    composite = "runs:\n  using: composite\n  steps:\n    - uses: ./{}\n    - uses: ./{}\n    - run: x\n"
    call = "on: workflow_call\njobs:\n  a: {{uses: ./.github/workflows/{}.yml}}\n  b: {{needs: a, steps: [run: x]}}\n"
    waiting = "".join(f"  j{n}: {{needs: j{n - 1}, steps: [run: x]}}\n" for n in range(1, 2000))
    graph, _ = repository(
        {
            PATH: f"on: {TARGET}\njobs:\n  j0: {{if: github.actor == 'me', steps: [uses: ./a0]}}\n{waiting}"
            "  c: {uses: ./.github/workflows/one.yml}\n  d: {needs: c, steps: [run: x]}\n",
            ".github/workflows/one.yml": call.format("two"),
            ".github/workflows/two.yml": call.format("one"),
            **{
                f"a{n}/action.yml": composite.format(f"a{(n + 1) % 20}", f"a{(n + 7) % 20}")
                for n in range(20)
            },
        }
    )
    reach = Reach(graph, KNOWLEDGE)
    found = {node.id: reach.checks(node, TARGET) for node in graph.of(StepNode)}
    assert [check.kind for check in found[f"step:{PATH}#j1999/0"]] == ["actor"]
    assert [check.kind for check in found["step:a13/action.yml#2"]] == ["actor"]
    assert found[f"step:{PATH}#d/0"] == ()
