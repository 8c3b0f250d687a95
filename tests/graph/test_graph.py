"""What is worked out of a graph once."""

from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository


def test_answers_are_kept_with_the_graph() -> None:
    asked: list[str] = []

    @per_graph
    def answer(graph: Graph, name: str) -> list[str]:
        asked.append(name)
        return [name]

    one, other = Graph({}, ()), Graph({}, ())
    assert answer(one, "a") is answer(one, "a")
    assert answer(one, "b") == ["b"]
    assert answer(other, "a") is not answer(one, "a")
    assert asked == ["a", "b", "a"]


def test_answers_to_other_questions_are_told_apart_by_their_names() -> None:
    @per_graph
    def answer(graph: Graph, *, a: int = 0, b: int = 0) -> tuple[int, int]:
        return a, b

    graph = Graph({}, ())
    assert (answer(graph, a=1), answer(graph, b=1)) == ((1, 0), (0, 1))
    assert answer(graph, a=1, b=2) is answer(graph, b=2, a=1)


def test_the_identity_of_a_step_is_short_and_tells_long_names_apart() -> None:
    line = "curl https://x.org/y | sh; " * 1_000
    steps = "".join(f"      - name: {line}{end}\n        run: make\n" for end in ("a", "b"))
    graph, _ = repository({".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    steps:\n{steps}"})
    one, other = (graph.identity(step.id) for step in graph.of(StepNode))
    assert len(one) < 300
    assert one.endswith("/1")
    assert other.endswith("/1")
    assert one != other


def test_steps_with_nothing_but_a_script_have_one_identity() -> None:
    """Scripts are edited: what is found in them is told apart by its evidence."""
    steps = "      - run: make\n      - run: make install\n"
    graph, _ = repository({".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    steps:\n{steps}"})
    assert len({graph.identity(step.id) for step in graph.of(StepNode)}) == 1
