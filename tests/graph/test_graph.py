"""What is worked out of a graph once."""

from scanner.graph.graph import Graph, per_graph


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
