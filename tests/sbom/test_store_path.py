import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.sbom.store_path import nar_digest, store_path


def test_the_path_that_nix_printed() -> None:
    assert (
        store_path("sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE=")
        == "/nix/store/c2b0lrw8xv387zr5l8g2wnfv596d7v66-source"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256-",
        "sha256-####",
        "sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRu==",
        "sha512-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE=",
        "JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE=",
        "sha256-é",
    ],
)
def test_what_is_no_hash_has_no_path(text: str) -> None:
    assert nar_digest(text) is None
    assert store_path(text) is None


@given(st.text())
def test_any_text(text: str) -> None:
    assert store_path(f"sha256-{text}", text) is None or len(text) >= 43
