"""Commands of Nix taken apart."""

import pytest

from scanner.parse.nix.command import Invocation, commands_run_by, evaluated_flakes, invocation, local_folder
from scanner.parse.shell import commands
from scanner.parse.shell_words import Command


def command(script: str) -> Command:
    return [one for one in commands(script) if one.words][-1]


def run_by(script: str) -> list[Command]:
    one = command(script)
    return list(commands_run_by(one, invocation(one)))


def call(script: str) -> Invocation:
    found = invocation(command(script))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("script", "folders"),
    [
        ("nix build", ["."]),
        ("nix build .#a .#b", [".", "."]),
        ("nix build ./sub#x", ["./sub"]),
        ("nix -L --option a b build --no-link '.?dir=sub#x'", ["./sub"]),
        ("nix --extra-experimental-features flakes flake check", ["."]),
        ("nix flake --extra-experimental-features 'nix-command flakes' check ./x", ["./x"]),
        ("nix flake check path:./x", ["./x"]),
        ("nix flake update nixpkgs", ["."]),
        ("nix flake update --flake ./dev", ["./dev"]),
        ("nix flake init", []),
        ("nix develop -c make .", ["."]),
        ("nix run .#tool -- ./data", ["."]),
        ("nix run nixpkgs#hello ./data", []),
        ("nix run nixpkgs#nixpkgs-fmt --inputs-from . -- x", ["."]),
        ("nix run github:o/r", []),
        ("nix shell nixpkgs#a nixpkgs#b -c x", []),
        ("nix shell --inputs-from . nixpkgs#a", ["."]),
        ("nix build -f default.nix", []),
        ("nix eval --expr '(builtins.getFlake (toString ./.)).x'", ["."]),
        ("nix store gc", []),
        ("nix profile install .#x", ["."]),
        ("nix profile list", []),
        ("nix fmt", ["."]),
        ("nix fmt some/file.nix -- --ci", ["."]),
        ("nixos-rebuild switch --flake .#host", ["."]),
        ("nixos-rebuild switch", []),
        ("home-manager switch --flake=./home#me", ["./home"]),
        ("nom build .#x", ["."]),
        ("nix build path:$PWD#x $PWD/sub#y", [".", "./sub"]),
        ("colmena apply", ["."]),
        ("deploy .#host", ["."]),
        ("nix-eval-jobs --flake .#jobs", ["."]),
        ("/run/current-system/sw/bin/nix eval .#x", ["."]),
        ("nix-build", []),
        ("nix-instantiate --eval -E 'builtins.getFlake (toString ./.)'", ["."]),
        ("nix", []),
        ("nix flake", []),
        ("phoenix build", []),
    ],
)
def test_evaluated_flakes(script: str, folders: list[str]) -> None:
    one = command(script)
    found = invocation(one)
    assert (list(evaluated_flakes(one, found)) if found is not None else []) == folders


@pytest.mark.parametrize(
    "reference", ["nixpkgs", "github:a/b", "https://x/y.tar.gz", "nixpkgs/nixos-26.05#hello", "/abs"]
)
def test_other_flakes_are_not_local(reference: str) -> None:
    assert not list(local_folder(reference))


@pytest.mark.parametrize(
    ("script", "inner"),
    [
        ("cachix watch-exec cache -- nix build .#x", ["nix build .#x"]),
        ("cachix watch-exec cache nix build .#x", ["nix build .#x"]),
        ('"$CACHIX" daemon watch-exec cache -- nix-build', ["nix-build"]),
        ("direnv exec . nix build", ["nix build"]),
        ("bash -euc 'cd x; nix flake check ./y'", ["cd x", "nix flake check ./y"]),
        ("bash script.sh", []),
        ("bash -e <<'EOF'\nnix build\nEOF\n", ["nix build"]),
        ("bash script.sh <<'EOF'\nnix build\nEOF\n", []),
        ("nix develop -c bash <<'EOF'\nnix build\nEOF\n", ["bash"]),
        ("nix develop .#x <<'EOF'\nmake\nEOF\n", ["make"]),
        ("nix shell nixpkgs#jq -c nix build .#x", ["nix build .#x"]),
        ("nix develop --command make -c x", ["make -c x"]),
        ("nix run nixpkgs#nixos-rebuild -- switch --flake .#h", ["nixos-rebuild switch --flake .#h"]),
        ("nix run nixpkgs#npins update", ["npins update"]),
        ("nix run github:nix-community/nixos-anywhere -- --flake .#h", ["nixos-anywhere --flake .#h"]),
        ("nix-shell -p x --run 'nix build; make'", ["nix build", "make"]),
        ("eval 'nix build'", ["nix build"]),
        ("find . -name flake.nix -execdir nix build {} \\;", ["nix build {}"]),
        ("find . -exec nix build {} + -exec make -C {} ';' -print", ["nix build {}", "make -C {}"]),
        ("find . -exec nix build", ["nix build"]),
        ("find . -exec \\;", []),
        ("nix build .#x", []),
        ("cachix push cache", []),
        ("make -- nix build", []),
    ],
)
def test_commands_run_by_a_command(script: str, inner: list[str]) -> None:
    assert [" ".join(one.texts) for one in run_by(script)] == inner


def test_what_a_command_runs_stands_in_its_script() -> None:
    script = "nix run 'nixpkgs#npins' -- \\\n  update"
    (inner,) = run_by(script)
    assert [script[word.start : word.end] for word in inner.words] == ["npins", "update"]


def test_options_and_their_values() -> None:
    found = call("nix build --override-input a github:o/r -L --impure .#x --option pure-eval false")
    assert [(one.name.text, [value.text for value in one.values]) for one in found.options] == [
        ("--override-input", ["a", "github:o/r"]),
        ("-L", []),
        ("--impure", []),
        ("--option", ["pure-eval", "false"]),
    ]
    assert [word.text for word in found.references] == [".#x"]
    assert found.has("--impure") is not None
    assert found.is_flake


@pytest.mark.parametrize(
    ("script", "program", "verb", "references"),
    [
        ("nix flake init -t github:o/r#x", "nix", "flake init", ["github:o/r#x"]),
        ("nix profile add nixpkgs#a nixpkgs#b", "nix", "profile add", ["nixpkgs#a", "nixpkgs#b"]),
        ("nix registry add nixpkgs github:o/r", "nix", "registry add", []),
        ("nix-shell -p a b --run x -I nixpkgs=y", "nix-shell", "", ["a", "b"]),
        ("nix-env -p /profile -iA nixpkgs.hello", "nix-env", "", ["nixpkgs.hello"]),
        ("nix-channel --add https://x y", "nix-channel", "", []),
        ("nixos-rebuild build --flake .#x", "nixos-rebuild", "build", [".#x"]),
    ],
)
def test_verbs(script: str, program: str, verb: str, references: list[str]) -> None:
    found = call(script)
    assert (found.program, found.verb, [word.text for word in found.references]) == (
        program,
        verb,
        references,
    )
