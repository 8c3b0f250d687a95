"""Which flakes a command evaluates: `nix build .#x`, `nixos-rebuild --flake`, … (Nix manual, `nix --help`)."""

from collections.abc import Iterator
from typing import Final

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
    ("nixos-rebuild", "darwin-rebuild", "home-manager", "nix-fast-build", "nixos-anywhere")
)


def evaluated_flakes(words: tuple[str, ...]) -> Iterator[str]:
    """The local folders (relative to the working directory) whose flake a command evaluates.

    References to other repositories (`nixpkgs#hello`, `github:o/r`) are not local and left out.
    """
    program = words[0].rpartition("/")[2]
    if program == "nix":
        yield from _nix(words[1:])
    elif program in _REBUILDS:
        for reference in _values_of(words, "--flake"):
            yield from local_folder(reference)


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
