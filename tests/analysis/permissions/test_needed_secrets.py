"""What a called workflow reads of the secrets that it is handed, through the workflows that it calls itself."""

from scanner.analysis.permissions.needed_secrets import needed_secrets
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import WorkflowNode
from tests.memory import repository


def needed(files: dict[str, str]) -> object:
    graph, _ = repository(
        {f".github/workflows/{name}.yml": "on: workflow_call\njobs:\n" + text for name, text in files.items()}
    )
    first = next(node for node in graph.of(WorkflowNode) if node.source.path.endswith("/a.yml"))
    return needed_secrets(graph, workflow_id(first.source))


def reading(name: str) -> str:
    return f"  read:\n    runs-on: x\n    steps:\n      - run: ./x\n        env:\n          KEY: ${{{{ {name} }}}}\n"


def calling(name: str, more: str = "    secrets: inherit\n") -> str:
    return f"  call:\n    uses: ./.github/workflows/{name}.yml\n{more}"


def test_reads() -> None:
    assert needed({"a": reading("secrets.ONE")}) == {"ONE"}
    assert needed({"a": reading("vars.ONE")}) == set()
    assert needed({"a": reading("toJSON(secrets)")}) is None


def test_handed_on() -> None:
    assert needed({"a": calling("b") + reading("secrets.ONE"), "b": reading("secrets.TWO")}) == {"ONE", "TWO"}
    assert needed({"a": calling("b", ""), "b": reading("secrets.TWO")}) == set()
    assert needed(
        {"a": calling("b", "    secrets:\n      two: ${{ secrets.TWO }}\n"), "b": reading("secrets.two")}
    ) == {"TWO"}


def test_what_cannot_be_told() -> None:
    assert needed({"a": "  call:\n    uses: o/r/.github/workflows/x.yml@v1\n    secrets: inherit\n"}) is None
    assert needed({"a": calling("missing")}) is None


def test_circles_and_chains_end() -> None:
    assert needed({"a": calling("b"), "b": calling("a") + reading("secrets.ONE")}) == {"ONE"}
    chain = {"a": calling("b0")} | {f"b{number}": calling(f"b{number + 1}") for number in range(300)}
    assert needed(chain) is None
