from hypothesis import given
from hypothesis import strategies as st

from scanner.views.html.picture.lettering import MAX_CHARS, fitted, width


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
