"""`uses:` and image references: every text has an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.image import Image, image_of
from scanner.parse.uses import (
    DockerUse,
    LocalUse,
    MalformedUse,
    RepositoryUse,
    SelfUse,
    Use,
    use_of,
)


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("actions/checkout@v4", RepositoryUse("actions", "checkout", "", "v4")),
        (" a/b/c/d@x ", RepositoryUse("a", "b", "c/d", "x")),
        ("a\\b//c@x", RepositoryUse("a", "b", "c", "x")),
        ("/a/b@x", RepositoryUse("a", "b", "", "x")),
        ("https://github.example/a/b@x", RepositoryUse("a", "b", "", "x")),
        (".\\x\\y", LocalUse("x/y")),
        ("./.github/actions/x/", LocalUse(".github/actions/x")),
        ("$/.github/workflows/x.yml", SelfUse(".github/workflows/x.yml")),
        ("docker://alpine:3", DockerUse(Image("docker.io", "alpine", "3", None))),
    ],
)
def test_forms(text: str, use: Use) -> None:
    assert use_of(text) == use


@pytest.mark.parametrize(
    "text", ["", "actions/checkout", "checkout@v4", "/x@v1", "a/b@v1@v2", "a/@v1", "a/b@", "$/x@v1", "@", "a"]
)
def test_malformed(text: str) -> None:
    assert isinstance(use_of(text), MalformedUse)


@pytest.mark.parametrize(
    ("ref", "pinned"),
    [
        ("a" * 40, True),
        ("A" * 40, True),
        ("a" * 64, False),
        ("a" * 39, False),
        ("g" * 40, False),
        ("v4", False),
    ],
)
def test_pinned(ref: str, pinned: bool) -> None:
    use = use_of(f"a/b@{ref}")
    assert isinstance(use, RepositoryUse)
    assert use.pinned == pinned


@given(st.text(max_size=30))
def test_every_text_has_an_answer(text: str) -> None:
    use_of(text)
    image_of(text)


@pytest.mark.parametrize(
    ("text", "image", "pinned"),
    [
        ("alpine", Image("docker.io", "alpine", None, None), False),
        ("library/alpine:3.20", Image("docker.io", "alpine", "3.20", None), False),
        ("ghcr.io/o/n:latest", Image("ghcr.io", "o/n", "latest", None), False),
        ("localhost:5000/n", Image("localhost:5000", "n", None, None), False),
        (f"n@sha256:{'a' * 64}", Image("docker.io", "n", None, f"sha256:{'a' * 64}"), True),
        (f"n:1@sha256:{'a' * 63}", Image("docker.io", "n", "1", f"sha256:{'a' * 63}"), False),
        ("n@md5:0", Image("docker.io", "n", None, "md5:0"), False),
    ],
)
def test_images(text: str, image: Image, pinned: bool) -> None:
    assert image_of(text) == image
    assert image_of(text).pinned == pinned
