"""Questions to the tables about actions."""

from tests.memory import KNOWLEDGE

FACTS = KNOWLEDGE.actions


def test_lists_are_as_long_as_their_sources_say() -> None:
    assert len(FACTS._archived) == 153
    assert len(FACTS.popular) == 53 + 44
    assert len(FACTS._unguarded) == 223
    assert len(FACTS._verified) == 261
    assert len(FACTS._superfluous) == 14
    assert sum(map(len, FACTS._outdated.values())) == 156


def test_names_are_asked_for_in_lower_case() -> None:
    for table in (FACTS._archived, FACTS._verified, FACTS._superfluous, FACTS._outdated):
        assert [name for name in table if name != name.lower()] == []
    assert FACTS.archived("actions-rs/cargo") and not FACTS.archived("actions/checkout")


def test_owners() -> None:
    assert FACTS.known_owner("actions") and FACTS.known_owner("docker")
    assert FACTS.known_owner("peaceiris")  # of a popular action
    assert not FACTS.known_owner("somebody")


def test_a_commit_of_checkout_is_known_by_its_first_digits() -> None:
    assert FACTS.unguarded_checkout("11bd71901bbe5b1630ceea73d27597364c9af683")
    assert not FACTS.unguarded_checkout("3d3c42e5aac5ba805825da76410c181273ba90b1")


def test_what_replaces_an_action() -> None:
    found = FACTS.superfluous("peter-evans/create-pull-request")
    assert found is not None and found.cumbersome
    assert FACTS.superfluous("actions/checkout") is None
