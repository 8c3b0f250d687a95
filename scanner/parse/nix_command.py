"""Which flakes a command evaluates: `nix build .#x`, `nixos-rebuild --flake`, … (Nix manual, `nix --help`)."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from scanner.parse.shell import Command, commands

# Options before which a value is not an installable, with the number of their values.
_VALUES: Final = {
    name: count
    for count, names in {
        1: "--extra-experimental-features --experimental-features --log-format --store --eval-store --builders -j "
        "--max-jobs --cores --update-input -o --out-link --profile --system -I --include --apply --to --from "
        "--reference-lock-file --output-lock-file --name --size --keep -k --unset --set-env-var --substituters "
        "--extra-substituters --trusted-public-keys --extra-trusted-public-keys --timeout --bundler --phase",
        2: "--option --override-input --arg --argstr --override-flake --redirect",
    }.items()
    for name in names.split()
}
_TAKES_ONE: Final = frozenset(("run", "develop", "print-dev-env", "fmt", "repl", "edit"))
_TAKES_MANY: Final = frozenset(
    ("build", "shell", "eval", "bundle", "path-info", "copy", "log", "why-depends")
)
_FLAKE_COMMANDS: Final = frozenset(("check", "show", "metadata", "info", "archive", "update", "lock"))
_REBUILDS: Final = frozenset(
    "nixos-rebuild darwin-rebuild home-manager nix-fast-build nixos-anywhere colmena deploy".split()
)
_DEFAULT_HERE: Final = frozenset(("nix-fast-build", "colmena", "deploy"))
_SHELLS: Final = frozenset(("bash", "sh", "zsh", "dash"))
_RUNNERS: Final = frozenset(("cachix", "devenv", "direnv", "attic", "watch-exec"))


def evaluated_flakes(words: tuple[str, ...]) -> Iterator[str]:
    """The local folders (relative to the working directory) whose flake a command itself evaluates.

    References to other repositories (`nixpkgs#hello`, `github:o/r`) are not local and left out.
    """
    program = words[0].rpartition("/")[2]
    if program in ("nix", "nom"):
        yield from _nix(words[1:])
    elif program in _REBUILDS:
        references = list(_values_of(words, "--flake"))
        for reference in references or (["."] if program in _DEFAULT_HERE else []):
            yield from local_folder(reference)


def commands_run_by(words: tuple[str, ...]) -> Iterator[Command]:
    """The commands that a command runs in its turn: `cachix watch-exec NAME -- nix build`, `bash -c '…'`,
    `nix shell … -c nix build`. A `cd` among them does not outlive it."""
    program = words[0].rpartition("/")[2]
    if program in _SHELLS:
        script = next((after for word, after in pairwise(words) if _is_script_option(word)), "")
        yield from commands(script)
    elif program == "nix-shell":
        for script in (*_values_of(words, "--run"), *_values_of(words, "--command")):
            yield from commands(script)
    elif program in ("nix", "nom"):
        at = next((at for at, word in enumerate(words) if word in ("-c", "--command", "--")), len(words))
        inner = words[at + 1 :]
        if inner and words[at] == "--":
            # `nix run nixpkgs#nixos-rebuild -- switch --flake .`: the program is named by the installable.
            inner = (words[at - 1].rpartition("#")[2], *inner)
        if inner:
            yield Command(inner, 0, 0)
    elif program in _RUNNERS and "--" in words[:-1]:
        yield Command(words[words.index("--") + 1 :], 0, 0)


def _is_script_option(word: str) -> bool:
    """`-c`, also together with others: `-euc`."""
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")


def _values_of(words: tuple[str, ...], option: str) -> Iterator[str]:
    for index, word in enumerate(words):
        if word == option and index + 1 < len(words):
            yield words[index + 1]
        elif word.startswith(option + "="):
            yield word[len(option) + 1 :]


def _nix(words: tuple[str, ...]) -> Iterator[str]:
    positional: list[str] = []
    at = 0
    command = ""
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("--", "-c", "--command"):
            break
        if word in ("--file", "-f", "--expr", "--help", "--version"):
            return
        if word == "--inputs-from":
            yield from local_folder(words[at]) if at < len(words) else ()
            at += 1
        elif word in ("--flake",):
            positional.append(words[at] if at < len(words) else ".")
            at += 1
        elif word.startswith("-"):
            at += _VALUES.get(word, 0)
        elif not command:
            command = word
        else:
            positional.append(word)
            if command == "run":  # what follows are the program's own arguments
                break
    if command in ("flake", "profile", "derivation"):
        if not positional:
            return
        verb, positional = positional[0], positional[1:]
        if command == "flake":
            if verb not in _FLAKE_COMMANDS:
                return
            if verb == "update":  # since Nix 2.19 its arguments are names of inputs
                positional = [word for word in words if word.startswith((".", "path:", "/"))]
            positional = positional[:1]
        elif verb not in ("install", "add", "show"):
            return
    elif command in _TAKES_ONE:
        positional = positional[:1]
    elif command not in _TAKES_MANY:
        return
    for reference in positional or ["."]:
        yield from local_folder(reference)


def local_folder(reference: str) -> Iterator[str]:
    """The folder of a local flake reference, nothing for any other."""
    address = reference.partition("#")[0]
    path, _, query = address.partition("?")
    for scheme in ("path:", "git+file:"):
        path = path.removeprefix(scheme)
    if path == "" and reference[:1] in ("#", ""):
        path = "."
    if path in (".", "..") or path.startswith(("./", "../")):
        folder = next((part[4:] for part in query.split("&") if part.startswith("dir=")), "")
        yield f"{path}/{folder}" if folder else path
    elif path.startswith(("$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}", "${{ github.workspace }}")):
        yield path
    else:
        for here in ("$PWD", "${PWD}", "$(pwd)"):
            if path == here or path.startswith(here + "/"):
                yield "." + path[len(here) :]
