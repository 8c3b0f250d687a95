"""Whether a commit belongs to the repository by whose name it is used."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.remotes.reach import MOST_ASKED, reach_of
from scanner.model.online import NotKnown, Remote
from tests.online import InMemory, remote

TOOLS = remote("example/tools")
TIP, OLD, OTHER = "1" * 40, "2" * 40, "3" * 40
REFS = {"branches": {"main": TIP}, "tags": {"v1": OTHER}, "default": "main"}


def world(**answers: Any) -> InMemory:
    return InMemory({"example/tools": {"refs": REFS, **answers}})


class Unasked(InMemory):
    """Servers that cannot answer for all refs at once."""

    def held(self, of: Remote, commit: str) -> bool | NotKnown | None:
        return NotKnown("the server does not say")


def test_the_tip_of_a_branch_or_tag_is_asked_for_nothing_more() -> None:
    online = world()
    assert reach_of(online, TOOLS, TIP) == "held"
    assert reach_of(online, TOOLS, OTHER) == "held"
    assert {topic for topic, _ in online.asked} == {"refs"}


def test_the_history_of_any_ref_counts() -> None:
    assert reach_of(world(holds={"main": [OLD]}), TOOLS, OLD) == "held"
    assert reach_of(world(holds={"v1": [OLD]}), TOOLS, OLD) == "held"


def test_a_commit_of_a_fork_and_one_that_is_gone() -> None:
    assert reach_of(world(holds={"main": []}, commits={OLD: "2026-01-01"}), TOOLS, OLD) == "foreign"
    assert reach_of(world(holds={"main": []}, commits={}), TOOLS, OLD) == "gone"


def test_a_server_that_does_not_answer() -> None:
    assert isinstance(reach_of(InMemory({}), TOOLS, OLD), NotKnown)
    assert isinstance(reach_of(world(holds="the budget is used up"), TOOLS, OLD), NotKnown)


def test_one_by_one_where_the_server_cannot_answer_for_all() -> None:
    branches = {f"b{number:02}": TIP for number in range(MOST_ASKED - 1)}

    def found(more: dict[str, str], holds: dict[str, list[str]], *likely: str) -> object:
        refs = {"branches": {**branches, **more}, "default": "b00"}
        answers = {"refs": refs, "holds": holds, "commits": {OLD: "2026-01-01"}}
        return reach_of(Unasked({"example/tools": answers}), TOOLS, OLD, likely)

    assert found({"z": TIP}, {"b00": []}) == "foreign"
    assert found({"z": TIP}, {"z": [OLD]}) == "held"
    # One more than are asked: nobody knows, unless it is a likely one.
    assert isinstance(found({"y": TIP, "z": TIP}, {"z": [OLD]}), NotKnown)
    assert found({"y": TIP, "z": TIP}, {"z": [OLD]}, "z") == "held"
    assert found({"y": TIP, "z": TIP}, {"z": [OLD]}, "not-there", "z") == "held"
    gone = Unasked({"example/tools": {"refs": REFS, "holds": {"main": []}, "commits": {}}})
    assert reach_of(gone, TOOLS, OLD) == "gone"


@given(st.integers(0, 40), st.data())
def test_the_questions_are_bounded(size: int, data: st.DataObject) -> None:
    names = [f"b{number}" for number in range(size)]
    holder = data.draw(st.sampled_from([*names, None]) if names else st.none())
    refs = {"branches": dict.fromkeys(names, TIP), "default": names[0] if names else None}
    holds = {holder: [OLD]} if holder is not None else {"none": []}
    online = Unasked({"example/tools": {"refs": refs, "holds": holds, "commits": {OLD: "2026-01-01"}}})
    found = reach_of(online, TOOLS, OLD, (holder,))
    assert sum(topic == "holds" for topic, _ in online.asked) <= MOST_ASKED + 1
    if holder is not None:
        assert found == "held"
    elif size <= MOST_ASKED:
        assert found == "foreign"
    else:
        assert isinstance(found, NotKnown)
