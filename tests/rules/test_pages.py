"""Every rule proves itself: the examples of its page are its tests, and each runs its rule alone."""

import re
from datetime import date

import pytest

from scanner.analysis.ignores import Ignores
from scanner.analysis.waivers import Waivers
from scanner.discover import kind_of
from scanner.engine import AnyRule, Context, Place, load, places
from scanner.model.finding import Hit, Unknown
from scanner.model.source import Source
from scanner.rules.pages import Example, Page, read_page
from tests.memory import KNOWLEDGE, NOW, options_of, policy_of, repository
from tests.online import InMemory

RULES = {id: (load(place), read_page(place)) for id, place in places().items() if place.page.is_file()}
EXAMPLES = [
    pytest.param(rule, example, id=f"{id}:{example.line}:{example.verdict}")
    for id, (rule, page) in RULES.items()
    for example in page.examples
]


def answers(rule: AnyRule, example: Example, *servers: InMemory | None) -> list[Hit | Unknown]:
    """What a rule says of an example; other `servers` than its own may be given, None: nobody is asked."""
    graph, problems = repository(example.files)
    now = date.fromisoformat(example.now) if example.now else NOW
    options = options_of(rule, example.options)
    others = {id: RULES[id][0].same_as for id in example.also}
    ignores = Ignores(
        [Source(path, kind_of(path) or "", text) for path, text in example.files.items()], others
    )
    policy = policy_of(example.files)
    waivers = Waivers(policy.exceptions if policy is not None else (), others, graph, now)
    for id in example.also:
        other = RULES[id][0]
        for answer in other.check(Context(graph, problems, KNOWLEDGE, now, other.options())):
            ignores.of(id, answer.at)
            waivers.of(id, answer.at, answer.subject)
    (online,) = servers or (InMemory(example.online) if example.online is not None else None,)
    found = list(rule.check(Context(graph, problems, KNOWLEDGE, now, options, ignores, waivers, online)))
    return sorted(found, key=lambda answer: (answer.at.path, answer.at.start, answer.at.end))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(rule: AnyRule, example: Example) -> None:
    found = answers(rule, example)
    hits = [answer for answer in found if isinstance(answer, Hit)]
    unknowns = [answer for answer in found if isinstance(answer, Unknown)]
    match example.verdict:
        case "good":
            assert not found
        case "bad":
            assert [hit.at.text for hit in hits] == list(example.at)
            assert [hit.variant for hit in hits] == list(example.variants)
            if example.confidence is not None:
                assert {str(hit.confidence or rule.confidence) for hit in hits} == {example.confidence}
        case "unknown":
            assert not hits
            assert [unknown.at.text for unknown in unknowns] == list(example.at)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_answers_are_usable(rule: AnyRule, example: Example) -> None:
    """One line, a subject that is a node or a file, a message with a reason and an end, and a known variant."""
    graph, _ = repository(example.files)
    for answer in answers(rule, example):
        assert "\n" not in answer.at.text
        assert answer.subject in graph.nodes or answer.subject.startswith("file:")
        text = answer.message if isinstance(answer, Hit) else answer.reason
        assert text
        assert not text.endswith(".")
        if isinstance(answer, Hit) and answer.variant is not None:
            assert answer.variant in rule.variants


@pytest.mark.parametrize(("id", "rule", "page"), [(id, *both) for id, both in RULES.items()])
def test_page_is_complete(id: str, rule: AnyRule, page: Page) -> None:
    assert rule.id == id
    verdicts = {example.verdict for example in page.examples}
    assert {"good", "bad"} <= verdicts
    assert page.title
    assert page.title[0].isupper()
    assert not page.title.endswith(".")
    assert len(page.lead) <= 1024
    assert "\n## Fix\n" in page.markdown
    assert "\n## Examples\n" in page.markdown
    fields = getattr(rule.options, "_fields", ())
    assert bool(fields) == ("\n## Options\n" in page.markdown)
    for field in fields:
        assert f"`{field}`" in page.markdown
    # Every variant is shown by an example.
    shown = {variant for example in page.examples for variant in example.variants if variant is not None}
    assert shown == set(rule.variants)


def test_folders_hold_only_rules_and_pages() -> None:
    for place in places().values():
        assert place.page.is_file()
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", place.module)


def test_place_of_a_rule_is_its_id() -> None:
    assert places()["unreadable-input"] == Place("inputs", "unreadable_input")
