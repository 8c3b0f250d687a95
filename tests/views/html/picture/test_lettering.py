from hypothesis import given
from hypothesis import strategies as st

from scanner.views.html.picture.lettering import MAX_CHARS, fitted, halved, width


@given(st.text(max_size=400), st.floats(20, 400))
def test_what_is_fitted_fits(text: str, room: float) -> None:
    shown = fitted(text, 12, room)
    assert width(shown, 12) <= room + 1e-6
    assert len(shown) <= MAX_CHARS + 1
    assert shown == text or shown.endswith("…")


def test_a_text_that_fits_stays() -> None:
    assert fitted("nixpkgs", 12, 200) == "nixpkgs"


def test_marks_without_width_do_not_pile_up() -> None:
    assert len(fitted("a" + "\u0301" * 10_000, 12, 200)) <= MAX_CHARS + 1


@given(st.text(st.sampled_from("ab \u0301W"), max_size=200), st.floats(20, 400))
def test_the_first_of_two_lines_fits_and_nothing_is_lost(text: str, room: float) -> None:
    lines = halved(text, 12, room)
    assert " ".join(lines) == text
    if len(lines) == 2:
        assert lines[0]
        assert width(lines[0], 12) <= room + 1e-6
        assert width(text[:MAX_CHARS], 12) > room


def test_a_title_is_broken_at_the_last_space_that_fits() -> None:
    assert halved("anyone who starts it", 12, 80) == ("anyone who", "starts it")
    assert halved("anyone", 12, 20) == ("anyone",)
