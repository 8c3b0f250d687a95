"""Circles of jobs, compared with what only waiting can tell."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.validity.needs import need_mistakes
from tests.memory import repository

JOBS = [f"j{number}" for number in range(6)]


def workflow(needs: dict[str, list[str]]) -> str:
    lines = ["on: push", "jobs:"]
    for name, others in needs.items():
        lines += [
            f"  {name}:",
            "    runs-on: x",
            "    steps: [{run: a}]",
            f"    needs: [{', '.join(others)}]",
        ]
    return "\n".join(lines) + "\n"


def start(needs: dict[str, list[str]]) -> set[str]:
    """The jobs that start when each waits for its needs."""
    done: set[str] = set()
    while True:
        more = {name for name, others in needs.items() if name not in done and done.issuperset(others)}
        if not more:
            return done
        done |= more


@given(
    st.fixed_dictionaries({name: st.lists(st.sampled_from(JOBS), max_size=3, unique=True) for name in JOBS})
)
def test_a_circle_is_said_exactly_when_some_job_can_never_start(needs: dict[str, list[str]]) -> None:
    graph, problems = repository({".github/workflows/a.yml": workflow(needs)})
    assert not problems
    said = [(mistake.subject.rpartition("#")[2], mistake.at.text) for mistake in need_mistakes(graph)]
    assert bool(said) == (start(needs) != set(JOBS))
    for name, need in said:
        assert need in needs[name]
        assert name not in start(needs)
        assert need not in start(needs)
    # Without what was said, every job starts: nothing was forgotten.
    broken = {name: [need for need in others if (name, need) not in said] for name, others in needs.items()}
    assert start(broken) == set(JOBS)


def test_a_long_chain_is_no_circle_and_needs_no_stack() -> None:
    needs = {f"j{number}": [f"j{number + 1}"] if number < 4000 else [] for number in range(4001)}
    graph, _ = repository({".github/workflows/a.yml": workflow(needs)})
    assert list(need_mistakes(graph)) == []


def test_ids_are_compared_without_case() -> None:
    graph, _ = repository({".github/workflows/a.yml": workflow({"Build": [], "test": ["BUILD"]})})
    assert list(need_mistakes(graph)) == []
