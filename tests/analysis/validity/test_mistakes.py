"""How mistakes are said."""

from scanner.analysis.validity.mistakes import Advice, hits
from scanner.analysis.validity.walk import mistakes
from tests.memory import KNOWLEDGE, repository

TEXT = """\
on: push
env: [a]
jobs:
  a:
    runs-on: x
    steps: all of them
    foo: bar
"""


def test_what_a_reader_says_is_not_said_again() -> None:
    graph, problems = repository({".github/workflows/a.yml": TEXT})
    assert sorted(problem.at.begin.line for problem in problems) == [2, 6]
    found = mistakes(graph, KNOWLEDGE)
    assert sorted(one.at.begin.line for one in found) == [2, 6, 7]
    assert [hit.at.text for hit in hits(found, "invalid-workflow", problems)] == ["foo"]


def test_evidence_does_not_depend_on_advice() -> None:
    graph, _ = repository({".github/workflows/a.yml": TEXT.replace("foo:", "outptus:")})
    (hit,) = [
        one for one in hits(mistakes(graph, KNOWLEDGE), "invalid-workflow", ()) if one.at.text == "outptus"
    ]
    assert hit.message.endswith("did you mean `outputs`?")
    assert "did you mean" not in "".join(hit.evidence)


def test_advice_is_not_endless() -> None:
    advice = Advice()
    assert all(advice("nme", ["name"]) for _ in range(100))
    assert advice("nme", ["name"]) == ""
    assert Advice()("nme", [str(number) for number in range(1000)]) == ""
