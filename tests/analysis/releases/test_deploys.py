"""Steps that deploy or publish."""

import pytest

from scanner.analysis.releases.deploys import deployments, holds_rights
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository


def _graph(step: str, more: str = "") -> tuple[Graph, JobNode]:
    text = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n{more}    steps:\n      - {step}\n"
    graph, problems = repository({".github/workflows/ci.yml": text})
    assert not problems
    return graph, next(graph.of(JobNode))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("terraform apply", [("terraform apply", False)]),
        ("terraform -chdir=infra apply -auto-approve", [("terraform -chdir=infra apply -auto-approve", False)]),
        ("kubectl --context prod apply -f x.yml", [("kubectl --context prod apply -f x.yml", False)]),
        ("sudo helm upgrade --install app .", [("helm upgrade --install app .", False)]),
        ("npx cdk@2 deploy --all", [("npx cdk@2 deploy --all", False)]),
        ("npm publish", [("npm publish", True)]),
        ("cargo publish --token x", [("cargo publish --token x", True)]),
        ("terraform plan", []),
        ("terraform plan -out apply", []),
        ("kubectl apply --dry-run=client -f x.yml", []),
        ("npm publish --dry-run", []),
        ("helm template app .", []),
        ("echo terraform apply", []),
    ],
)  # fmt: skip
def test_commands(command: str, expected: list[tuple[str, bool]]) -> None:
    graph, node = _graph(f"run: {command}")
    assert [(one.what, one.package) for one in deployments(graph, KNOWLEDGE, node.id)] == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("uses: actions/deploy-pages@v4", [False]),
        ("uses: Azure/webapps-deploy@v3", [False]),
        ("uses: hashicorp/tfc-workflows-github/actions/apply-run@v1", [False]),
        ("uses: pypa/gh-action-pypi-publish@release/v1", [True]),
        ("{uses: docker/build-push-action@v6, with: {push: true}}", [True]),
        ("{uses: docker/build-push-action@v6, with: {push: '${{ inputs.push }}'}}", []),
        ("uses: docker/build-push-action@v6", []),
        ("uses: release-drafter/release-drafter@v6", []),
        ("{uses: JS-DevTools/npm-publish@v3, with: {dry-run: true}}", []),
        ("{uses: actions/deploy-pages@v4, if: false}", []),
        ("uses: actions/checkout@v4", []),
        ("uses: ./deploy", []),
    ],
)
def test_actions(step: str, expected: list[bool]) -> None:
    graph, node = _graph(step)
    assert [one.package for one in deployments(graph, KNOWLEDGE, node.id)] == expected


@pytest.mark.parametrize(
    ("step", "more", "expected"),
    [
        ("run: x", "", False),
        ("{run: x, env: {T: '${{ secrets.T }}'}}", "", True),
        ("{run: x, env: {T: '${{ secrets.GITHUB_TOKEN }}'}}", "", False),
        ("run: x", "    env: {T: '${{ secrets.T }}'}\n", True),
        ("run: x", "    permissions: {id-token: write}\n", True),
        ("run: x", "    permissions: {contents: write}\n", False),
        ("run: x", "    permissions: write-all\n", True),
    ],
)
def test_rights(step: str, more: str, expected: bool) -> None:
    graph, node = _graph(step, more)
    assert holds_rights(graph, KNOWLEDGE, node) is expected
