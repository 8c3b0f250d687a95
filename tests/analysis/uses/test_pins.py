"""What a comment behind a pin says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.uses.pins import Comment, comment_of, contradict, numbers
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.yaml import compose

SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"


def comment(text: str) -> Comment | None:
    node = compose(Source("a.yml", "workflow", f"uses: actions/checkout@{SHA}{text}\n"), [])
    assert isinstance(node, Mapping)
    value = node.get("uses")
    assert isinstance(value, Scalar)
    return comment_of(value)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (" # v4.2.2", "v4.2.2"),
        (" #v4.2.2", "v4.2.2"),
        (" # 4.2.2", "4.2.2"),
        (" # 2", "2"),
        (" # v 3.5.2", "3.5.2"),
        (" # @v1", "v1"),
        (" # tag=v4.2.2", "v4.2.2"),
        (" # tag: v4.2.2", "v4.2.2"),
        (" # version: 2.8.0", "2.8.0"),
        (" # v1.2.3-rc.1", "v1.2.3-rc.1"),
        (" # v4.0.0rc1", "v4.0.0rc1"),
        (" # release-2024-01", "release-2024-01"),
        (" # release/v1", "release/v1"),
        (" # stable", "stable"),
        (" # pinned to v4, see below", "v4"),
        (" # v4.2.2 # zizmor: ignore[artipacked]", "v4.2.2"),
        (" # zizmor: ignore[artipacked] v4.2.2", "v4.2.2"),
        (" # snowfence: ignore[x, y] because # v4.2.2", "v4.2.2"),
        (" # ratchet:actions/checkout@v4", "v4"),
        (" # actions/checkout@v4", "v4"),
        (" # some comment", None),
        (" # zizmor: ignore[artipacked]", None),
        (" # zizmor: ignore[artipacked] harmless", None),
        (" # head as of 2026-03-04", None),
        (" # step 2 of 3", None),
        (" #", None),
        (" # TODO:", None),
        (" # 11bd71901bbe", None),
    ],
)
def test_the_version_is_read_in_every_usual_form(text: str, ref: str | None) -> None:
    found = comment(text)
    assert found is not None
    assert found.ref == ref
    assert found.at.text in text


def test_no_comment() -> None:
    assert comment("") is None
    assert comment("   ") is None


@pytest.mark.parametrize(
    ("step", "ref"),
    [
        ("{uses: 'a/b@SHA', with: {x: 1}} # v1.2.3", "v1.2.3"),
        ("{uses: a/b@SHA } # v1.2.3", "v1.2.3"),
        ("{uses: a/b@SHA, name: a#b}", None),
        ("\n  uses: >-\n    a/b@SHA\n  # v1.2.3\n", None),
        ("\n  uses: a/b@SHA\n  # v1.2.3\n", None),
    ],
)
def test_where_a_comment_may_stand(step: str, ref: str | None) -> None:
    node = compose(Source("a.yml", "workflow", f"a: {step.replace('SHA', SHA)}"), [])
    assert isinstance(node, Mapping)
    inner = node.get("a")
    assert isinstance(inner, Mapping)
    value = inner.get("uses")
    assert isinstance(value, Scalar)
    found = comment_of(value)
    assert (found.ref if found is not None else None) == ref


def test_what_else_a_comment_names() -> None:
    found = comment(" # ratchet:Actions/Setup-Node/sub@v4")
    assert found is not None and found.name == "actions/setup-node/sub"
    found = comment(f" # v4.2.2 ({SHA[:9].upper()})")
    assert found is not None and (found.ref, found.commit) == ("v4.2.2", SHA[:9])
    found = comment(" # 20240102")
    assert found is not None and (found.ref, found.commit) == ("20240102", None)


@given(st.text(max_size=80))
def test_any_comment_has_an_answer(text: str) -> None:
    line = text.split("\n")[0].split("\r")[0]
    if line.isprintable():
        comment(f" # {line}")


def test_versions_are_compared_as_far_as_both_go() -> None:
    assert numbers("v4.2.2") == (4, 2, 2)
    assert numbers("v4-beta") is None
    assert not contradict("v4", "4.2.2")
    assert not contradict("v4.2.2", "4.2.2")
    assert not contradict("main", "v4")
    assert contradict("v4.2.1", "v4.2.2")
    assert contradict("v3", "v4.2.2")


def test_a_comment_may_speak_of_another_repository() -> None:
    found = comment(" # ratchet:Actions/Setup-Node/sub@v4")
    assert found is not None
    assert found.ref_of("actions/setup-node") == "v4"
    assert found.ref_of("other/thing") is None
    found = comment(" # v4")
    assert found is not None
    assert found.ref_of("other/thing") == "v4"
