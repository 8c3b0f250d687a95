"""Which names resemble a well-known one, against a plain reading of what counts as a slip."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.uses.lookalikes import _KEYS, Lookalikes
from tests.memory import KNOWLEDGE

KNOWN = ("actions/checkout", "docker/login-action", "pre-commit/action", "psf/black", "wow-co/mmm-www")
LOOKALIKES = Lookalikes(KNOWN)
NAME = st.text("abcmnrvw-_.019", min_size=1, max_size=6)


def slips(name: str) -> Iterator[str]:
    """Every name that was meant if one slip made this one of it."""
    for at, char in enumerate(name):
        before, behind = name[:at], name[at + 1 :]
        if behind and behind[0] == char:
            yield before + behind
        if behind and behind[0] != char:
            yield before + behind[0] + char + behind[1:]
        for meant in _KEYS.get(char, ""):
            yield before + meant + behind
        if char in "-_.":
            yield before + behind
        if char in "mw":
            yield before + {"m": "rn", "w": "vv"}[char] + behind
        for pair, meant in (("rn", "m"), ("vv", "w")):
            if name.startswith(pair, at):
                yield before + meant + name[at + 2 :]
    for at in range(len(name) + 1):
        for char in "abcdefghijklmnopqrstuvwxyz0123456789-_./":
            yield name[:at] + char + name[at:]
    yield name.rstrip("0123456789").rstrip("-")
    owner, _, repository = name.partition("/")
    yield f"{repository}/{owner}"


def meant(slug: str, known: tuple[str, ...]) -> set[str]:
    owner = slug.partition("/")[0]
    return {
        name
        for name in known
        if name in set(slips(slug)) and name != slug and not name.startswith(f"{owner}/")
    }


def check(slug: str, known: tuple[str, ...], lookalikes: Lookalikes) -> None:
    expected = set() if slug in known else meant(slug, known)
    slip = lookalikes.slip(slug)
    assert (slip is None) == (not expected), slug
    assert slip is None or slip.name in expected


@given(st.data())
def test_one_slip_is_found_and_two_are_not(data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from(KNOWN))
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(slug) - 1))
        new = data.draw(st.text("abcmnrvwoi01s-_.", max_size=2))
        slug = slug[:at] + new + slug[at + data.draw(st.integers(0, 2)) :]
    if slug.count("/") == 1:
        check(slug, KNOWN, LOOKALIKES)


@given(NAME, NAME, NAME, NAME)
def test_any_two_names(owner: str, name: str, other: str, second: str) -> None:
    # Names of seven and more characters are compared exactly; well-known ones are longer.
    known = (f"{owner}/{name}-action",)
    check(f"{other}/{second}-action", known, Lookalikes(known))
    check(f"{other}/{name}-action", known, Lookalikes(known))


def test_no_well_known_name_resembles_another() -> None:
    names = KNOWLEDGE.actions.popular
    lookalikes = Lookalikes(names)
    assert not [name for name in names if lookalikes.slip(name.lower()) is not None]


def test_a_long_name_costs_nothing() -> None:
    assert LOOKALIKES.slip("actions" * 10_000 + "/checkout") is None
