"""Releases among the tags of a repository."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.remotes.tags import Tags, tag_of
from scanner.model.online import Refs


def tags(**names: str) -> Tags:
    return Tags(Refs({}, {name.replace("_", "."): commit for name, commit in names.items()}, None, None))


@pytest.mark.parametrize(
    ("name", "family", "written", "final"),
    [
        ("v4", "", (4,), True),
        ("4.2.2", "", (4, 2, 2), True),
        ("V1.0", "", (1, 0), True),
        ("codeql-bundle-v2.19.0", "codeql-bundle-", (2, 19, 0), True),
        ("init@1.2.3", "init@", (1, 2, 3), True),
        ("releases/v1", "releases/", (1,), True),
        ("2024-01-02", "", (2024, 1, 2), True),
        ("v4.0.0rc1", "", (4, 0, 0), False),
        ("v4.0.0-beta.2", "", (4, 0, 0), False),
        ("v1.2.3+build", "", (1, 2, 3), True),
    ],
)
def test_a_version_in_a_tag(name: str, family: str, written: tuple[int, ...], final: bool) -> None:
    tag = tag_of(name)
    assert tag is not None
    assert (tag.family, tag.written, tag.is_final) == (family, written, final)


@pytest.mark.parametrize("name", ["stable", "v", "", "sha-ab12", "v٣", "v1" * 60, "-", "latest"])
def test_a_tag_without_one(name: str) -> None:
    assert tag_of(name) is None


def test_the_tag_that_says_most_comes_first() -> None:
    here = tags(v4="c", latest="c", v4_2="c", v4_2_2="c", v3="d")
    assert here.at("c") == ("v4.2.2", "v4.2", "v4", "latest")
    assert here.at("unknown") == ()


def test_names_that_move_are_no_releases() -> None:
    here = tags(v4="c", v4_2="c", v4_2_1="a", v4_2_2="c", v5="e", stable="c")
    assert [tag.name for tag in here.releases()] == ["v4.2.1", "v4.2.2", "v5"]
    assert here.moves("v4")
    assert here.moves("stable")
    assert not here.moves("v5")  # nothing tells
    assert here.is_full("v4.2.2")
    assert not here.is_full("v5")
    assert not here.is_full("v9.9.9")


def test_no_tag_that_is_added_makes_a_release_a_name_that_moves() -> None:
    here = tags(v1_0_0="b", v1_0_0_1="a", **{"v1_0_0-rc1": "a", "v1_0_0_0": "a"})
    assert here.is_full("v1.0.0")
    assert not here.moves("v1.0.0")
    assert not here.moves("v1.0.0.1")
    assert not here.moves("v1.0.0-rc1")


def test_of_a_line_are_its_releases_only() -> None:
    here = Tags(Refs({"v1": "x"}, {"v1.1": "a", "other": "b", "name-v1.0.3": "c"}, None, None))
    assert here.has_of("v1", "a")
    assert here.has_of("v1.0", "c")
    assert not here.has_of("v1.0", "a")
    assert not here.has_of("v1", "b")
    assert not here.has_of("v1", "x")


def test_beside_the_tag_of_a_release_a_branch_of_its_name_says_nothing() -> None:
    here = Tags(Refs({"v1.0.0": "b", "v1": "b", "v2.0.0": "b"}, {"v1.0.0": "t", "v1": "t"}, None, None))
    assert [here.fits("b", name) for name in ("v1.0.0", "v1", "v2.0.0")] == [False, True, True]
    assert here.whole_name("v1.0.0") == here.whole_name("1.0.0") == "refs/tags/v1.0.0"
    assert here.whole_name("v2.0.0") == "refs/heads/v2.0.0"


def test_what_is_newer_is_of_the_same_family() -> None:
    here = Tags(
        Refs(
            {},
            {"v3.28.0": "a", "v3.29.0": "b", "v4.0.0-rc1": "c", "bundle-v2.19.0": "d", "bundle-v9.0.0": "e"},
            None,
            None,
        )
    )
    old = here.release_at("a")
    assert old is not None
    assert [tag.name for tag in here.newer(old)] == ["v3.29.0"]
    bundle = here.release_at("d")
    assert bundle is not None
    assert [tag.name for tag in here.newer(bundle)] == ["bundle-v9.0.0"]
    newest = here.newest()
    assert newest is not None
    assert newest.name == "v3.29.0"


def test_of_several_releases_at_a_commit_the_one_that_is_said_counts() -> None:
    here = Tags(Refs({}, {"a@1.0.0": "c", "b@7.1.0": "c"}, None, None))
    assert [getattr(here.release_at("c", said), "name", None) for said in ("b@7.1.0", "v7", None)] == [
        "b@7.1.0",
        "b@7.1.0",
        "a@1.0.0",
    ]


@pytest.mark.parametrize(
    ("ref", "fits"),
    [
        ("v4.2.2", True),
        ("4.2.2", True),
        ("v4.2.2.0", True),
        ("v4", True),
        ("v4.2", True),
        ("v4.0", False),
        ("v4.2.1", False),
        ("v4.2.2-rc1", False),
        ("v42", False),
        ("v5", False),
        ("stable", True),
        ("main", True),
        ("unknown", False),
    ],
)
def test_what_a_commit_may_be_called(ref: str, fits: bool) -> None:
    here = Tags(Refs({"main": "c"}, {"v4.2.2": "c", "stable": "c", "v4": "d", "v4.2.1": "d"}, "main", None))
    assert here.fits("c", ref) is fits


def test_a_longer_version_is_not_a_short_tag() -> None:
    """A commit that only `v4` leads to is not known to be `v4.2.2`, but `v4` may well be `v4.0.0`."""
    here = tags(v4="c")
    assert not here.fits("c", "v4.2.2")
    assert here.fits("c", "v4.0.0")


def test_a_name_leads_to_a_tag_before_a_branch_and_with_or_without_v() -> None:
    here = Tags(Refs({"v1": "b", "main": "m"}, {"v1": "t", "2.7.0": "c"}, None, None))
    assert [here.leads_to(name) for name in ("v1", "main", "v2.7.0", "1", "nothing")] == [
        "t",
        "m",
        "c",
        "t",
        None,
    ]


names = st.from_regex(r"\A(|v|V|a-|b@v)[0-9]{1,3}(\.[0-9]{1,3}){0,3}(|-rc1|b2)\Z")


@given(st.dictionaries(names | st.text(max_size=12), st.sampled_from("abcd"), max_size=30))
def test_orders_and_names_agree(given: dict[str, str]) -> None:
    here = Tags(Refs({}, given, None, None))
    for name, commit in given.items():
        assert name in here.at(commit)
        assert here.fits(commit, name)
        assert here.leads_to(name) == commit
        tag = tag_of(name)
        if tag is None:
            continue
        newer = here.newer(tag)
        assert all(one.version > tag.version and one.family == tag.family for one in newer)
        assert [one.version for one in newer] == sorted(one.version for one in newer)
        assert all(one.is_final and not here.moves(one.name) for one in newer)
        newest = here.newest(tag.family)
        assert not newer or newer[-1] == newest
