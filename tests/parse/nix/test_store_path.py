import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix.store_path import file_store_path, nar_digest, store_path


def test_the_path_that_nix_printed() -> None:
    assert (
        store_path("sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE=")
        == "/nix/store/c2b0lrw8xv387zr5l8g2wnfv596d7v66-source"
    )


def test_the_path_of_a_single_file() -> None:
    """As `nix-store --print-fixed-path sha256` of Nix 2.8.0 prints it."""
    assert (
        file_store_path("sha256-WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=", "x-1.tar.gz")
        == "/nix/store/6m5z6qlr3q2lmpdpscg5r96lp425wn56-x-1.tar.gz"
    )


def test_names_that_nix_does_not_take_have_no_path() -> None:
    hash = "sha256-WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM="
    for name in ("", ".hidden", "a b", "a/b", "é", "x" * 212):
        assert store_path(hash, name) is None
        assert file_store_path(hash, name) is None


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
