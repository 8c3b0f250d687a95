"""What is wrong in a check is refused when the policy is read: at the text that is wrong, with what was meant."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analysis.attributes.attribute import Attribute, Missing, Type
from scanner.model.errors import PolicyError
from scanner.model.source import Source, Span
from scanner.policy.checks import reading
from scanner.policy.checks.check import compile_check
from scanner.policy.checks.operands import MAX_ALL_ITEMS, MAX_CONDITIONS, Shared
from scanner.policy.checks.patterns import Pattern
from scanner.policy.checks.section import Declared
from tests.policy.checks.small import TABLE, Step, check, compiled, small_world, yaml

VALUES = {"colours": ["red", "blue"], "number": 5, "pattern": "((("}
HERE = "»"
"""Stands before the text that is wrong."""


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with small_world():
        yield


def test_checks_are_bounded_together() -> None:
    shared = Shared()
    at = Span(Source("snowfence.yaml", "policy", "x"), 0, 1)
    for _ in range(MAX_CONDITIONS):
        shared.condition(at)
    with pytest.raises(PolicyError, match="more than 20,000 conditions in all"):
        shared.condition(at)
    for _ in range(MAX_ALL_ITEMS):
        shared.item(at)
    with pytest.raises(PolicyError, match="more than 500,000 items in all"):
        shared.item(at)


def test_a_list_of_values_is_read_once_for_all_checks() -> None:
    values = dict(yaml(json.dumps({"colours": ["red", "blue"]})).pairs)
    named = {key.value: node for key, node in values.items()}
    shared, text = Shared(), json.dumps(check(select="job", require={"colour": {"in": {"value": "colours"}}}))
    with pytest.MonkeyPatch.context() as patch:
        read: list[object] = []

        def counting(*given: object) -> tuple[object, ...]:
            read.append(given)
            return ("red",)

        patch.setattr(reading, "operands", counting)
        for number in range(3):
            key, body = yaml(f'{{"check-{number}": {text}}}').pairs[0]
            compile_check(Declared(key, body, "snowfence.yaml"), named, shared)
    assert len(read) == 1
    assert tuple(shared.used) == ("colours",)


def test_messages_are_bounded() -> None:
    asked = check(select="job", require={"colour": "red"})
    compiled({**asked, "message": "{label}" * 200})
    with pytest.raises(PolicyError, match="`message` has more than 2,000 characters"):
        compiled({**asked, "message": "{label}" * 300})


def test_a_text_too_long_to_search_is_missing() -> None:
    found = Pattern("a$").matches("a" * 100_001)
    assert isinstance(found, Missing)
    assert found.reason == "a text of 100,001 characters is too long to search, more than 100,000"
    assert Pattern("a$").matches("a" * 100_000) is True


JOB = "select: job, require:"


@pytest.mark.parametrize(
    ("check", "said"),
    [
        # what is selected
        ("select: »acton", "no kind of node `acton`; did you mean `action`?"),
        ("select: »uses", "it is a kind of edge, `{edge: uses}`"),
        ("select: »[]", "`select` is an empty list"),
        ("select: [job, »jobb]", "did you mean `job`?"),
        ("select: [»[job]]", "must be a kind of node, or a list of them"),
        ("select: »{}", "either nodes, `{node: …}`, or edges, `{edge: …}`"),
        ("select: »{node: job, edge: uses}", "either nodes"),
        ("select: {»kind: job}", "`select` has no key `kind`"),
        ("select: {edge: »use}", "no kind of edge `use`; did you mean `uses`?"),
        # what is asked
        ("»select: job", "needs one of `require`, `forbid` and `count`"),
        ("select: job, require: {colour: red}, »forbid: {colour: red}", "says `require` and `forbid`"),
        ("select: job, »requires: {colour: red}", "did you mean `require`?"),
        (f"{JOB} »red", "must be a mapping of attributes"),
        (f"{JOB} »[]", "must be a mapping of attributes"),
        (f"{JOB} »{{}}", "is empty, so it says nothing"),
        (f"{JOB} {{»color: red}}", "a job has no attribute `color`; did you mean `colour`? `snowfence schema nodes`"),
        (f"{JOB} {{»nothing-like-it: red}}", "`nothing-like-it`; `snowfence schema nodes` lists"),
        (f"{JOB} {{all: »{{colour: red}}}}", "must be a list of conditions"),
        (f"{JOB} {{any: »[]}}", "`any` is an empty list"),
        (f"{JOB} {{none: [»red]}}", "an item of `none` must be a mapping"),
        (f"{JOB} {{not: »[{{colour: red}}]}}", "`not` must be a mapping"),
        ("select: [job, action], require: {»sise: 1}", "a job or action has no attribute `sise`; did you mean `size`?"),
        # operators
        (f"{JOB} {{colour: »{{}}}}", "names no operator; there is `is`, `in`"),
        (f"{JOB} {{colour: {{»equals: red}}}}", "no operator `equals`"),
        (f"{JOB} {{colour: »[red]}}", "`{in: […]}` asks for one of several"),
        (f"{JOB} {{colour: {{in: »red}}}}", "must be a list, not `red`"),
        (f"{JOB} {{colour: {{in: »[]}}}}", "is an empty list, so nothing is in it"),
        (f"{JOB} {{colour: {{in: [red, »{{a: b}}]}}}}", "must be a text, not a mapping"),
        (f"{JOB} {{colour: »null}}", "must be a text, and nothing stands here"),
        (f"{JOB} {{colour: {{exists: »perhaps}}}}", "must be true or false, not `perhaps`"),
        (f"{JOB} {{colour: {{not: »red}}}}", "must be a mapping of operators"),
        # types
        (f"{JOB} {{colour: {{»lt: red}}}}", "is a text, of which `lt` cannot be asked; for it there is `is`"),
        (f"{JOB} {{size: {{»matches: a}}}}", "is a number, of which `matches` cannot be asked"),
        (f"{JOB} {{size: {{lt: »red}}}}", "must be a whole number, not `red`"),
        (f"{JOB} {{size: »1.5}}", "must be a whole number, not `1.5`"),
        (f"{JOB} {{round: {{»lt: true}}}}", "is true or false, of which `lt` cannot be asked"),
        (f"{JOB} {{round: {{»in: [true]}}}}", "of which `in` cannot be asked"),
        (f"{JOB} {{round: »maybe}}", "must be true or false, not `maybe`"),
        (f"{JOB} {{born: {{lt: »2026-02-30}}}}", "must be a date as YYYY-MM-DD"),
        (f"{JOB} {{born: {{lt: »soon}}}}", "must be a date as YYYY-MM-DD, not `soon`"),
        (f"{JOB} {{born: {{gt: »30d}}}}", "for an age use an attribute that is one"),
        (f"{JOB} {{age: {{lt: »30}}}}", "must be a duration, as in `12h`, `30d`, `2w` or `1y`, not `30`; `30d` are days"),
        (f"{JOB} {{age: {{lt: »3m}}}}", "months are written in days"),
        (f"{JOB} {{age: {{lt: »100000000y}}}}", "must be a duration"),
        (f"{JOB} {{version: {{ge: »main}}}}", "must be a version, as in `4.1`"),
        # lists
        (f"{JOB} {{words: »red}}", "is a list; say of which of its items"),
        (f"{JOB} {{words: »[red]}}", "`{any: {in: […]}}` asks of a list"),
        (f"{JOB} {{words: {{»is: red}}}}", "so `is` must say of which of its items: `{any: {is: …}}`"),
        (f"{JOB} {{colour: {{»any: red}}}}", "is a single value, and `any` is asked of lists"),
        (f"{JOB} {{words: {{any: {{»lt: 1}}}}}}", "an item of `words` is a text, of which `lt` cannot be asked"),
        (f"{JOB} {{words: {{count: »many}}}}", "must be a whole number, not `many`"),
        (f"{JOB} {{words: {{count: {{»glob: '1'}}}}}}", "is a number, of which `glob` cannot be asked"),
        # patterns
        (f"{JOB} {{colour: »red*}}", "`*` means nothing in it; write `{glob: red*}` for a pattern"),
        (f"{JOB} {{colour: {{not-in: [blue, »'b*']}}}}", "`[*]` in one for the star itself"),
        (f"{JOB} {{words: {{any: »r*d}}}}", "is compared as a whole"),
        (f"{JOB} {{colour: {{matches: »(((}}}}", "missing ): (((; patterns are written as RE2 reads them"),
        (f"{JOB} {{colour: {{matches: '»(?=x)'}}}}", "RE2 knows no look-ahead"),
        (f"{JOB} {{colour: {{matches: '»(a)\\1'}}}}", "RE2 knows no back-references"),
        (f"{JOB} {{colour: {{matches: '»(a{{500}}){{500}}'}}}}", "invalid repetition size"),
        (f"{JOB} {{colour: {{matches: »{'a' * 1001}}}}}", "longer than 1000 characters"),
        (f"{JOB} {{colour: {{glob: '»['}}}}", "`[` is not closed"),
        # values
        (f"{JOB} {{colour: {{in: {{value: »colour}}}}}}", "no value `colour`; did you mean `colours`?"),
        (f"{JOB} {{colour: {{in: {{value: »[a]}}}}}}", "`value` must be the name of an entry of `values`"),
        (f"{JOB} {{colour: {{in: {{value: colours, »or: x}}}}}}", "beside `value` nothing may stand"),
        (f"{JOB} {{colour: »{{value: colours}}}}", "is a list; `in` asks for one of several"),
        # paths
        (f"{JOB} {{reaches: »actoin}}", "did you mean `action`?"),
        (f"{JOB} {{reaches: »{{}}}}", "`reaches` is empty"),
        (f"{JOB} {{reaches: {{»colour: red}}}}", "stands below `where`, as in `{where: {colour: …}}`"),
        (f"{JOB} {{reached-by: {{node: job, »withing: 1}}}}", "did you mean `within`?"),
        (f"{JOB} {{reaches: {{node: action, within: »0}}}}", "must be between 1 and 100"),
        (f"{JOB} {{reaches: {{node: action, along: »use}}}}", "no kind of edge `use`; did you mean `uses`?"),
        (f"{JOB} {{reaches: {{node: action, where: {{»size: 1}}}}}}", "an action has no attribute `size`"),
        (f"{JOB} {{reaches: {{node: action, through: {{»within: 2}}}}}}", "`through` has no key `within`"),
        (f"{JOB} {{reaches: {{through: {{where: {{»color: x}}}}}}}}", "did you mean `colour`?"),
        (f"{JOB} {{reaches: {{node: action, count: »lots}}}}", "must be a whole number, not `lots`"),
        ("select: {edge: uses}, require: {»reaches: action}", "below `source` or `target` of the edge"),
        ("select: {edge: uses}, require: {»sourse: {colour: red}}", "did you mean `source`?"),
        ("select: {edge: uses}, require: {source: {»color: red}}", "did you mean `colour`?"),
        # messages
        ("select: job, require: {colour: red}, message: 'a »{coulour} one'", "did you mean `colour`?"),
        ("select: job, require: {colour: red}, message: '{label} {label} »{lable}'", "did you mean `label`?"),
        ("select: job, require: {colour: red}, message: »{reached: x}", "must be a text"),
        ("select: job, require: {colour: red}, message: '»{reached}'", "the check asks for no path"),
        ("select: job, require: {colour: red}, message: 'a »{label'", "`{` is not closed"),
        ("select: job, count: {le: 1}, message: '»{label}'", "there is `number`"),
        ("select: job, count: {le: »one}", "must be a whole number, not `one`"),
        # the rest
        ("select: job, require: {colour: red}, severity: »hihg", "critical"),
        ("select: job, require: {colour: red}, area: »pining", "did you mean `pinning`?"),
        ("»severity: low, select: job", "needs `title`"),
    ],
)  # fmt: skip
def test_is_refused_at_its_place(check: str, said: str) -> None:
    begin = "" if "title" in said else "title: T, "
    begin += "" if "severity" in check else "severity: low, "
    text = f"my-check: {{{begin}{check}}}"
    column = text.index(HERE) + 1
    if "needs `title`" in said or said.startswith("needs one of"):
        column = len("my-check: ") + 1  # all of the check
    with pytest.raises(PolicyError) as caught:
        compiled(text.replace(HERE, ""), VALUES)
    where, _, message = str(caught.value).partition(" ")
    assert where == f"snowfence.yaml:1:{column}:"
    assert said in message


def test_a_wrong_value_is_refused_where_it_stands() -> None:
    text = "my-check: {title: T, severity: low, select: job, require: {size: {in: {value: colours}}}}"
    with pytest.raises(
        PolicyError, match=r"the check `my-check` uses as `in` of `size`, must be a whole number, not `red`"
    ) as caught:
        compiled(text, {"colours": ["red"]})
    assert str(caught.value).startswith("snowfence.yaml:1:14:")


def test_a_wrong_pattern_of_a_value_is_refused_where_it_stands() -> None:
    text = "my-check: {title: T, severity: low, select: job, require: {colour: {matches: {value: pattern}}}}"
    with pytest.raises(PolicyError, match="the value `pattern`") as caught:
        compiled(text, {"pattern": "((("})
    assert str(caught.value).startswith("snowfence.yaml:1:14:")


def test_depth_is_bounded() -> None:
    deep = "{colour: red}"
    for _ in range(25):
        deep = f"{{not: {deep}}}"
    with pytest.raises(PolicyError, match="more than 20 levels deep"):
        compiled(f"my-check: {{title: T, severity: low, select: job, require: {deep}}}")
    deep = "{is: red}"
    for _ in range(25):
        deep = f"{{not: {deep}}}"
    with pytest.raises(PolicyError, match="more than 20 levels deep"):
        compiled(f"my-check: {{title: T, severity: low, select: job, require: {{colour: {deep}}}}}")


# ---------------------------------------------------------------- whatever stands there

words = st.sampled_from(
    "all any none not reaches reached-by source target node where along within through count edge value is in not-in matches "
    "glob lt le gt ge exists colour size round born age version words label job step action uses red 1 30d 2026-01-01 4.1 true "
    "colours number nobody require forbid select message title severity examples good bad files at {label} ((( * [".split()
)
scalars = st.one_of(
    words,
    st.text(st.characters(max_codepoint=0x2FF, categories=["L", "N", "P", "S", "Zs"]), max_size=5),
    st.integers(),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(st.dictionaries(words, anything, max_size=4), anything, anything)
def test_nothing_else_is_ever_raised(more: dict[str, Any], select: Any, require: Any) -> None:
    check = {"title": "T", "severity": "low", "select": select, "require": require} | more
    for one in (check, check | {"select": "job"}, check | {"select": {"edge": "uses"}}):
        try:
            compiled(json.dumps({"my-check": one}, ensure_ascii=False), VALUES)
        except PolicyError as error:
            assert str(error).startswith("snowfence.yaml:1:")


def test_kinds_that_disagree_about_an_attribute_are_asked_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Attribute("size", Step, Type.TEXT, False, "the size", lambda node, world: "big")
    monkeypatch.setitem(TABLE["step"], "size", {Step: other})
    text = "my-check: {title: T, severity: low, select: [job, step], require: {size: 1}}"
    with pytest.raises(
        PolicyError, match="`size` of a job is number, of a step text; select one of the kinds"
    ) as caught:
        compiled(text)
    assert str(caught.value).startswith("snowfence.yaml:1:68:")


def test_conditions_are_not_without_number() -> None:
    many = ", ".join("{colour: red}" for _ in range(1001))
    with pytest.raises(PolicyError, match=r"more than 1,000 conditions in one check"):
        compiled(f"my-check: {{title: T, severity: low, select: job, require: {{any: [{many}]}}}}")
