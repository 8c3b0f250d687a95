"""Who is believed about a licence: the forge, unless the table has read more."""

import pytest

from scanner.analysis.remotes.licenses import Licensed, Licenses
from scanner.knowledge.tables import Knowledge
from scanner.model.online import NotKnown, Question
from tests.online import InMemory, remote

KNOWLEDGE = Knowledge()


@pytest.mark.parametrize(
    ("name", "told", "found"),
    [
        ("nixos/nixpkgs", None, Licensed("MIT")),
        ("example/unheard-of", None, None),
        ("nixos/nixpkgs", {"license": "MIT"}, Licensed("MIT")),
        ("nixos/nixpkgs", {"license": "ISC"}, Licensed("ISC", by_forge=True)),
        ("nixos/nixpkgs", {"license": None}, Licensed("MIT")),
        ("nixos/nixpkgs", {"license": "NOASSERTION"}, Licensed("MIT")),
        ("nixos/nixpkgs", "the server does not answer", Licensed("MIT")),
        ("rust-lang/rust-analyzer", {"license": "Apache-2.0"}, Licensed("MIT OR Apache-2.0")),
        ("rust-lang/rust-analyzer", {"license": "GPL-3.0"}, Licensed("GPL-3.0", by_forge=True)),
        ("example/unheard-of", {"license": "ISC"}, Licensed("ISC", by_forge=True)),
        ("example/unheard-of", {"license": None}, NotKnown("`github.com` finds none in it")),
        (
            "example/unheard-of",
            {"license": "NOASSERTION"},
            NotKnown("`github.com` cannot tell which one it is"),
        ),
        ("example/unheard-of", {"license": "other"}, NotKnown("`github.com` cannot tell which one it is")),
        ("example/unheard-of", "the server does not answer", NotKnown("the server does not answer")),
    ],
)
def test_of(name: str, told: object, found: Licensed | NotKnown | None) -> None:
    online = InMemory({name: {"about": told}}) if told is not None else None
    answer = Licenses(KNOWLEDGE, online).of(remote(name))
    if found is None:
        assert isinstance(answer, NotKnown)
    else:
        assert answer == found


def test_only_the_forge_is_prepared() -> None:
    online = InMemory({})
    Licenses(KNOWLEDGE, online).prepare([remote("a/b")])
    assert online.prepared == [Question("about", remote("a/b"))]
    Licenses(KNOWLEDGE).prepare([remote("a/b")])
