"""Commands of scripts, and which flakes they evaluate."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix_command import commands_run_by, evaluated_flakes, local_folder
from scanner.parse.shell import commands


def words(script: str) -> list[str]:
    return [" ".join(command.words) for command in commands(script)]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("nix build .#a", ["nix build .#a"]),
        ("cd sub && nix build; make || true", ["cd sub", "nix build", "make", "true"]),
        ("a | b & c", ["a", "b", "c"]),
        ("# nix build\nnix run # not this", ["nix run"]),
        ("nix \\\n  build \\\r\n  .#a", ["nix build .#a"]),
        ("X=1 Y=$(nix eval .#x) sudo -E -u root nix build", ["nix eval .#x", "nix build"]),
        ('echo "say $(nix run .#hi) twice"', ["nix run .#hi", "echo say $(nix run .#hi) twice"]),
        ("echo 'not $(nix run)'", ["echo not $(nix run)"]),
        ("if nix flake check; then a; else b; fi", ["nix flake check", "a", "b"]),
        ("for h in x y; do nix build .#$h; done", ["h in x y", "nix build .#$h"]),
        ("cat <<EOF\nnix build\nEOF\nnix run", ["cat", "nix run"]),
        ("cat <<-'EOF'\n\tnix build\n\tEOF\nnix run", ["cat", "nix run"]),
        ("nix build > out.txt 2>&1 < in", ["nix build"]),
        ("`nix run`", ["nix run", "`nix run`"]),
        ("timeout 30 nix build", ["nix build"]),
        ("echo ${{ a && b }} x", ["echo ${{ a && b }} x"]),
        ("diff <(nix eval .#a) b", ["nix eval .#a", "diff b"]),
        ("", []),
    ],
)
def test_commands(script: str, found: list[str]) -> None:
    assert words(script) == found


def test_a_command_knows_its_place_and_its_subshells() -> None:
    script = "a\n(cd b && c)\nd"
    found = list(commands(script))
    assert [(script[one.start :].split()[0].rstrip(")"), one.pushed) for one in found] == [
        ("a", 0),
        ("cd", 1),
        ("c", 1),
        ("d", 0),
    ]


@given(st.text(alphabet="a $(){}'\"`\\<>|&;#\n\tEOF=-{", max_size=200))
def test_no_script_raises(script: str) -> None:
    for command in commands(script):
        assert command.words
        assert 0 <= command.start <= len(script)


@pytest.mark.parametrize("piece", ["$(", "`", '"', "<<A ", "${", "$((", "(", "'", "\\\n", "<("])
def test_the_work_is_bounded(piece: str) -> None:
    """Counted, not timed: what comes out is no more than what went in."""
    script = piece * 20_000
    assert sum(len(word) for command in commands(script) for word in command.words) <= 25 * len(script)


@pytest.mark.parametrize(
    ("command", "folders"),
    [
        ("nix build", ["."]),
        ("nix build .#a .#b", [".", "."]),
        ("nix build ./sub#x", ["./sub"]),
        ("nix -L --option a b build --no-link .?dir=sub#x", ["./sub"]),
        ("nix --extra-experimental-features flakes flake check", ["."]),
        ("nix flake check path:./x", ["./x"]),
        ("nix flake update nixpkgs", ["."]),
        ("nix flake update --flake ./dev", ["./dev"]),
        ("nix flake init", []),
        ("nix develop -c make .", ["."]),
        ("nix run .#tool -- ./data", ["."]),
        ("nix run nixpkgs#hello ./data", []),
        ("nix run github:o/r", []),
        ("nix shell nixpkgs#a nixpkgs#b -c x", []),
        ("nix shell --inputs-from . nixpkgs#a", ["."]),
        ("nix build -f default.nix", []),
        ("nix store gc", []),
        ("nix profile install .#x", ["."]),
        ("nix profile list", []),
        ("nixos-rebuild switch --flake .#host", ["."]),
        ("nixos-rebuild switch", []),
        ("home-manager switch --flake=./home#me", ["./home"]),
        ("nom build .#x", ["."]),
        ("nix build path:$PWD#x $PWD/sub#y", [".", "./sub"]),
        ("colmena apply", ["."]),
        ("deploy .#host", ["."]),
        ("/run/current-system/sw/bin/nix eval .#x", ["."]),
        ("nix-build", []),
        ("phoenix build", []),
    ],
)
def test_evaluated_flakes(command: str, folders: list[str]) -> None:
    assert list(evaluated_flakes(tuple(shlex.split(command)))) == folders


@pytest.mark.parametrize(
    "reference", ["nixpkgs", "github:a/b", "https://x/y.tar.gz", "nixpkgs/nixos-26.05#hello", "/abs"]
)
def test_other_flakes_are_not_local(reference: str) -> None:
    assert not list(local_folder(reference))


@pytest.mark.parametrize(
    ("command", "inner"),
    [
        ("cachix watch-exec cache -- nix build .#x", ["nix build .#x"]),
        ("bash -euc 'cd x; nix flake check ./y'", ["cd x", "nix flake check ./y"]),
        ("bash script.sh", []),
        ("nix shell nixpkgs#jq -c nix build .#x", ["nix build .#x"]),
        ("nix develop --command make -c x", ["make -c x"]),
        ("nix run nixpkgs#nixos-rebuild -- switch --flake .#h", ["nixos-rebuild switch --flake .#h"]),
        ("nix-shell -p x --run 'nix build; make'", ["nix build", "make"]),
        ("nix build .#x", []),
        ("cachix push cache", []),
        ("make -- nix build", []),
    ],
)
def test_commands_run_by_a_command(command: str, inner: list[str]) -> None:
    found = commands_run_by(tuple(shlex.split(command)))
    assert [" ".join(one.words) for one in found] == inner
