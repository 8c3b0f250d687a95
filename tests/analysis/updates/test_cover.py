"""Which folders Dependabot looks into, and which workflows update what."""

import pytest

from scanner.analysis.updates.cover import dependabot, entries, is_aside, uncovered, updated_by_workflow
from tests.memory import repository

FOLDERS = ["", ".github/workflows", ".github/actions/a", "x/y"]


def left(where: str) -> list[str]:
    """The folders of `FOLDERS` that an update with these directories does not reach."""
    text = f"version: 2\nupdates:\n- {{package-ecosystem: nix, {where}, schedule: {{interval: daily}}}}\n"
    graph, problems = repository({".github/dependabot.yml": text})
    assert not problems
    return uncovered(entries(dependabot(graph), "nix"), FOLDERS)


@pytest.mark.parametrize(
    ("where", "missed"),
    [
        ("directory: /", FOLDERS[1:]),
        ("directory: .", FOLDERS[1:]),
        ("directory: x/y/", FOLDERS[:3]),
        ("directory: '/*'", FOLDERS),  # wildcards are for `directories`
        ("directories: [/, /.github/actions/*]", [".github/workflows", "x/y"]),
        ("directories: ['**/*']", []),
        ("directories: ['/**']", []),
        ("directories: ['/*']", FOLDERS[1:]),
        ("directories: ['/.github/**']", ["", "x/y"]),
        ("directories: ['/x/{y,z}']", []),
        ("directories: 1", FOLDERS),
        ("directories: [[]]", FOLDERS),
    ],
)
def test_directories(where: str, missed: list[str]) -> None:
    assert left(where) == missed


def test_yml_comes_before_yaml() -> None:
    graph, _ = repository({".github/dependabot.yml": "version: 2", ".github/dependabot.yaml": "version: 2"})
    node = dependabot(graph)
    assert node is not None and node.path == ".github/dependabot.yml"


@pytest.mark.parametrize(
    ("event", "step", "updates"),
    [
        ("schedule: [{cron: 0 5 * * 1}]", "run: nix flake update --commit-lock-file", True),
        ("schedule: [{cron: 0 5 * * 1}]", "run: 'nix flake lock --update-input nixpkgs'", True),
        ("schedule: [{cron: 0 5 * * 1}]", "uses: DeterminateSystems/update-flake-lock@v27", True),
        ("schedule: [{cron: 0 5 * * 1}]", "{name: Update flake.lock, run: ./ci/update}", True),
        ("schedule: [{cron: 0 5 * * 1}]", "{uses: a/b@v1, with: {run: nix flake update}}", True),
        ("workflow_call:", "run: nix flake update", True),
        ("schedule: [{cron: 0 5 * * 1}]", "run: nix flake check", False),
        ("schedule: [{cron: 0 5 * * 1}]", "{run: nix flake update, if: false}", False),
        ("pull_request:", "run: nix flake update", False),
        ("schedule: [{cron: 0 5 * * 1}]", "{uses: actions/cache@v4, with: {key: \"${{ hashFiles('flake.lock') }}\"}}", False),
    ],
)  # fmt: skip
def test_workflows_that_update_the_lock(event: str, step: str, updates: bool) -> None:
    text = f"on:\n  {event}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n"
    graph, problems = repository({".github/workflows/a.yml": text})
    assert not problems
    assert updated_by_workflow(graph, "nix") == updates


def test_a_comment_updates_nothing() -> None:
    text = 'on: {schedule: [{cron: 0 5 * * 1}]}\njobs: {a: {runs-on: x, steps: [{run: "# nix flake update\\nnix build"}]}}\n'
    graph, _ = repository({".github/workflows/a.yml": text})
    assert not updated_by_workflow(graph, "nix")


def test_hooks_are_updated_by_a_called_workflow() -> None:
    text = "on: workflow_dispatch\njobs: {a: {uses: org/ci/.github/workflows/pre-commit-update.yml@v1}}\n"
    graph, _ = repository({".github/workflows/a.yml": text})
    assert updated_by_workflow(graph, "pre-commit")


@pytest.mark.parametrize(
    ("folder", "aside"),
    [
        ("", False),
        ("dev", False),
        (".github/actions/latest", False),
        ("specification", False),
        ("testing-tools/a", False),
        ("demographics", False),
        ("tests/a", True),
        ("a/Examples", True),
        ("e2e_test", True),
        ("third_party/x", True),
    ],
)
def test_asides(folder: str, aside: bool) -> None:
    assert is_aside(folder) == aside
