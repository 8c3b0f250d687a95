"""Jobs that publish, and what is known of their run."""

import pytest

from scanner.analysis.releases.caches import use_of_cache
from scanner.analysis.releases.publishing import Publishing, publishing
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository


def job(on: str, *steps: str) -> JobNode:
    text = f"on: {on}\njobs:\n  a:\n    runs-on: x\n    steps:\n" + "".join(
        f"      - {step}\n" for step in steps or ("run: a",)
    )
    graph, problems = repository({".github/workflows/a.yml": text})
    assert not problems
    (node,) = graph.of(JobNode)
    return node


def run(on: str, *steps: str) -> Publishing | None:
    node = job(on, *steps)
    return publishing(node.workflow, node.job, KNOWLEDGE)


@pytest.mark.parametrize(
    ("on", "event"),
    [
        ("{push: {tags: [v1]}}", "push"),
        ("{push: {tags-ignore: [v1], branches: [main]}}", "push"),
        ("release", "release"),
        ("[push, release]", "release"),
        ("{release: , push: {tags: ['*']}}", "push"),
        ("{push: {branches: [main, Releases/*]}}", None),
        ("{push: {branches: [release], tags: ['*']}}", None),
    ],
)
def test_events(on: str, event: str | None) -> None:
    found = run(on)
    assert found is not None
    assert found.event == event
    assert not found.by_action


@pytest.mark.parametrize(
    ("filters", "by_branch"),
    [
        ("branches: ['release-*']", True),
        ("branches: ['release-*'], tags-ignore: ['*']", True),
        ("branches: ['release-*'], tags: ['v*']", False),
        ("tags: ['*', '!*-rc']", False),
        ("tags-ignore: ['*-rc']", False),
        ("tags-ignore: ['*']", None),
        ("tags-ignore: ['**']", None),
        ("tags: ['v*', '!**']", None),
        ("branches: ['!release-*']", None),
    ],
)
def test_what_filters_show(filters: str, by_branch: bool | None) -> None:
    found = run(f"{{push: {{{filters}}}}}")
    assert (found.by_branch if found is not None else None) is by_branch


@pytest.mark.parametrize("on", ["push", "pull_request", "{push: {branches: [main]}}"])
def test_other_events(on: str) -> None:
    assert run(on) is None
    assert run(on, "uses: docker/build-push-action@v6", "run: a") is not None
    assert run(on, "uses: Docker/Build-Push-Action@v6\n        with: {push: false}") is None
    assert run(on, "uses: docker/build-push-action@v6\n        with: {push: '${{ x }}'}") is not None
    assert run(on, "uses: docker/build-push-action/sub@v6") is None
    assert run(on, "uses: docker/build-push-action@v6\n        if: false") is None


@pytest.mark.parametrize(
    ("expression", "decided"),
    [
        ("startsWith(github.ref, 'refs/tags/')", True),
        ("startsWith(GITHUB.ref, 'Refs/Tags/v')", None),
        ("startsWith(github.ref, 'refs/heads/')", False),
        ("contains(github.ref, 'refs/tags')", True),
        ("contains(github.ref, 'v1')", None),
        ("github.ref == 'refs/heads/main'", False),
        ("github.ref != 'refs/heads/main'", True),
        ("github.ref == 'refs/tags/v1'", None),
        ("'tag' == github.ref_type", True),
        ("github.event_name == 'PUSH' && github.ref_type == 'tag'", True),
        ("!(github.event_name == 'pull_request' || vars.x)", None),
        ("github.event_name == 'pull_request' && vars.x", False),
        ("false", False),
        ("vars.x", None),
        ("github.ref_name == 'main'", None),
        ("((", None),
    ],
)
def test_what_the_run_decides(expression: str, decided: bool | None) -> None:
    found = run("{push: {tags: [v1]}}")
    assert found is not None
    assert found.decides(expression) is decided
    assert found._replace(event=None).decides(expression) is None


@pytest.mark.parametrize(
    ("step", "restores"),
    [
        ("uses: actions/cache@v4", True),
        ("uses: actions/cache/save@v4", False),
        ("uses: actions/setup-node@v4", True),
        ("uses: actions/setup-node@v4\n        with: {package-manager-cache: false}", False),
        ("uses: actions/setup-node@v4\n        with: {package-manager-cache: false, cache: npm}", True),
        ("uses: actions/setup-java@v4", False),
        ("uses: actions/setup-java@v4\n        with: {cache: '${{ x }}'}", True),
        ("uses: astral-sh/setup-uv@v9", True),
        ("uses: astral-sh/setup-uv@v10", False),
        ("uses: astral-sh/setup-uv@main", None),
        ("uses: ramsey/composer-install@v3\n        with: {ignore-cache: 'yes'}", False),
        (
            "uses: actions/setup-go@v5\n        with: {cache: '${{ !startsWith(github.ref, ''refs/tags/'') }}'}",
            False,
        ),
        ("uses: actions/setup-go@v5\n        with: {cache: '${{ vars.x }}'}", None),
        ("uses: actions/setup-go@v5\n        with: ${{ fromJSON(vars.x) }}", None),
        ("uses: owner/other@v1", False),
    ],
)
def test_uses_of_the_cache(step: str, restores: bool | None) -> None:
    node = job("{push: {tags: [v1]}}", step)
    found = publishing(node.workflow, node.job, KNOWLEDGE)
    call = node.job.steps[0].call
    assert found is not None
    assert call is not None
    verdict = use_of_cache(call, found, KNOWLEDGE)
    assert (False if verdict is None else verdict.holds) is restores
