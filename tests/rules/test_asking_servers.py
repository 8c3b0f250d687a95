"""How rules ask servers, shown by the examples of all pages: what they ask is prepared and nothing else, what they find with servers only is
declared, and what is not known is said in every file."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pytest

from scanner.engine import AnyRule, load, needs_online, places
from scanner.model.finding import Hit, Unknown
from scanner.model.online import Account, Commit, NotKnown, Question, Refs, Release, Remote
from scanner.rules.pages import Example, read_page
from tests.online import InMemory
from tests.rules.test_online_actions import asked, steps
from tests.rules.test_pages import answers

OF_RULES = {
    id: [one for one in read_page(place).examples if one.online is not None] for id, place in places().items()
}
EXAMPLES = [
    pytest.param(load(places()[id]), example, id=f"{id}:{example.line}")
    for id, examples in OF_RULES.items()
    for example in examples
]

LATE = frozenset(("account",))
"""What hangs on answers to so many other questions that it is not asked at once."""


class Recording(InMemory):
    """Servers that remember what they were asked, as questions."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.questions: list[Question] = []

    def refs(self, of: Remote) -> Refs | NotKnown:
        self.questions.append(Question("refs", of))
        return super().refs(of)

    def about(self, of: Remote) -> Any:
        self.questions.append(Question("about", of))
        return super().about(of)

    def account(self, of: Remote) -> Account | NotKnown:
        self.questions.append(Question("account", of))
        return super().account(of)

    def holds(self, of: Remote, ref: str, commit: str) -> bool | NotKnown:
        self.questions.append(Question("holds", of, ref, commit))
        return super().holds(of, ref, commit)

    def held(self, of: Remote, commit: str) -> bool | NotKnown | None:
        self.questions.append(Question("held", of, commit=commit))
        return super().held(of, commit)

    def commits(self, of: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        self.questions += [Question("commits", of, commit=id) for id in ids]
        return super().commits(of, ids)

    def release(self, of: Remote, tag: str) -> Release | NotKnown | None:
        self.questions.append(Question("release", of, tag))
        return super().release(of, tag)


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_what_is_prepared_is_what_is_asked(rule: AnyRule, example: Example) -> None:
    """A budget pays for it, so nothing is asked for nobody."""
    online = Recording(example.online or {})
    answers(rule, example, online)
    assert len(online.prepared) == len(set(online.prepared))
    assert set(online.prepared) <= set(online.questions)
    others = {one for one in online.questions if one not in online.prepared and one.topic not in LATE}
    # Of few repositories, where what was asked first did not tell.
    late = {"refs", "held", "holds"} if rule.id == "re-registered-owner" else {"holds"}
    assert {one.topic for one in others} <= late


def test_one_rule_asks_nothing_about_what_is_not_its_own() -> None:
    """One action, 44 inputs of inputs, and a rule about actions."""
    from tests.rules.test_online_inputs import github, lock

    files = {**steps("o/a@v1"), **lock(**{f"n{one}": github(f"x/n{one}") for one in range(44)})}
    online = InMemory({"o/a": {"about": {}}})
    assert not asked("archived-uses", files, online)
    assert [(one.topic, one.remote.path) for one in online.prepared] == [("about", "o/a")]
    assert len(online.asked) == 1


def test_a_pin_outside_tags_costs_one_question_beyond_refs() -> None:
    online = Recording({"o/a": {"refs": {"branches": {"main": "2" * 40}}, "holds": {"main": ["1" * 40]}}})
    assert not asked("impostor-commit", steps(f"o/a@{'1' * 40} # main"), online)
    assert {one.topic for one in online.questions} - {"refs"} == {"held"}


# ---------------------------------------------------------------- what is declared


def _identities(found: Iterable[Hit | Unknown]) -> set[tuple[str, int, str, tuple[str, ...]]]:
    return {
        (one.at.path, one.at.start, one.about or one.subject, one.evidence)
        for one in found
        if isinstance(one, Hit)
    }


def _more(rule: AnyRule, example: Example) -> bool:
    with_servers = answers(rule, example, InMemory(example.online or {}))
    return bool(_identities(with_servers) - _identities(answers(rule, example, None)))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_who_finds_more_with_servers_declares_it(rule: AnyRule, example: Example) -> None:
    if _more(rule, example):
        assert rule.more_online or needs_online(places()[rule.id])


@pytest.mark.parametrize("id", [id for id, place in places().items() if load(place).more_online])
def test_who_declares_it_finds_more(id: str) -> None:
    assert any(_more(load(places()[id]), example) for example in OF_RULES[id])


# ---------------------------------------------------------------- what is not known

A, B = "1" * 40, "2" * 40
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
FILES = {
    f".github/workflows/{name}.yml": f"{WORKFLOW}      - uses: o/a@{commit} # x\n      - uses: o/a/sub@v1.0.0\n"
    f"      - uses: tj-actions/changed-files@{commit}\n"
    for name, commit in (("a", A), ("b", B))
}


class Silent(InMemory):
    """A server that answers nothing."""

    def __init__(self) -> None:
        super().__init__({})

    def _of(self, topic: str, of: Remote) -> NotKnown:
        return NotKnown("the server answered 503")

    def commits(self, of: Remote, ids: Collection[str]) -> Mapping[str, Commit | None] | NotKnown:
        return NotKnown("the server answered 503")


def _unknown(id: str, files: dict[str, str]) -> Iterator[tuple[str, str]]:
    for one in asked(id, files, Silent()):
        if isinstance(one, Unknown) and "503" in one.reason:
            yield one.at.path, one.reason


@pytest.mark.parametrize(
    "id",
    [
        "archived-uses",
        "impostor-commit",
        "known-vulnerable-actions",
        "missing-version-comment",
        "moved-repository",
        "re-registered-owner",
        "ref-confusion",
        "ref-version-mismatch",
        "stale-action-pin",
        "stale-action-refs",
    ],
)
def test_a_server_that_is_silent_is_said_once_of_each_repository_in_each_file(id: str) -> None:
    found = list(_unknown(id, FILES))
    assert found
    assert len(found) == len(set(found))
    by_file = {path: [reason for at, reason in found if at == path] for path in FILES}
    first, second = by_file.values()
    # Of the repository, whichever of its commits stands in the file.
    assert first == second
    assert not any(commit in reason for reason in first for commit in (A, B, A[:12], B[:12]))
    # A file alone hears the same as beside others.
    for path, text in FILES.items():
        assert [reason for _, reason in _unknown(id, {path: text})] == by_file[path]


def test_a_licence_that_nobody_knows_is_said_in_each_file() -> None:
    found = [one for one in asked("disallowed-license", FILES, Silent(), allow=["MIT"]) if "o/a" in str(one)]
    assert sorted(one.at.path for one in found) == sorted(FILES)


@pytest.mark.parametrize("id", ["unpinned-uses", "privileged-unpinned"])
def test_a_release_of_which_nothing_is_known_leaves_the_finding_alone(id: str) -> None:
    text = "on: issue_comment\npermissions: {issues: write}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: o/a@v1.0.0\n"
    world = {"o/a": {"refs": {"tags": {"v1.0.0": A}}, "releases": "the budget is used up"}}
    found = asked(id, {".github/workflows/a.yml": text}, InMemory(world))
    assert [type(one) for one in found] == [Hit]
