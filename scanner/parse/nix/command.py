"""Commands of Nix taken apart: what `nix build .#x`, `nix-shell -p`, `nixos-rebuild --flake`, … evaluate and run.

Options and verbs: `nix --help`, the manual pages of `nix-shell`, `nix-build`, `nix-env`, `nix-channel` (Nix 2.34). Nothing
is run: a reference that only a run can tell stays as it is written.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.parse.shell import commands
from scanner.parse.shell_words import Command, Word

# Options that take values, with their number; every other one takes none.
_VALUES: Final = {
    name: count
    for count, names in {
        1: "--extra-experimental-features --experimental-features --log-format --store --eval-store --builders -j "
        "--max-jobs --cores --update-input -o --out-link --profile --system -I --include --apply --to --from "
        "--reference-lock-file --output-lock-file --name --size --keep -k --unset -u --substituters --timeout --bundler "
        "--phase --trusted-public-keys --trusted-users --max-silent-time --log-lines --access-tokens --netrc-file "
        "--sandbox-paths --secret-key-files --post-build-hook --flake-registry --nix-path --http-connections --priority "
        "--keep-env-var --unset-env-var --inputs-from --file -f --flake --template -t --attr -A --run --command-line "
        "--connect-timeout --tarball-ttl --json-log-path --system-features --hash-type --hash-algo --type --arg-from-stdin "
        "--regex --option-name --dest --commit-lock-file-summary",
        2: "--option --override-input --arg --argstr --override-flake --redirect --arg-from-file --set-env-var -s",
    }.items()
    for name in names.split()
}
_RUNS_REST: Final = frozenset(("-c", "--command"))
_TAKES_ONE: Final = frozenset(("run", "develop", "print-dev-env", "repl", "edit", "bundle", "search"))
_TAKES_MANY: Final = frozenset(("build", "shell", "eval", "path-info", "copy", "log", "why-depends"))
_GROUPS: Final = frozenset(
    ("flake", "profile", "derivation", "env", "registry", "store", "formatter", "hash", "key")
)
_FLAKE_VERBS: Final = frozenset(
    f"flake {verb}" for verb in "check show metadata info archive update lock clone prefetch".split()
)
_INSTALLS: Final = frozenset(
    ("profile install", "profile add", "derivation show", "env shell", "formatter run")
)
_TEMPLATES: Final = frozenset(("flake init", "flake new"))
_EVALUATES_HERE: Final = frozenset(
    (*_TAKES_ONE, *_TAKES_MANY, *_FLAKE_VERBS, *_INSTALLS, "fmt", "formatter build")
) - {"flake clone", "flake prefetch", "search"}
_EXPRESSIONS: Final = frozenset(("--file", "-f", "--expr", "--help", "--version"))
_REBUILDS: Final = frozenset(
    "nixos-rebuild darwin-rebuild home-manager nix-fast-build nixos-anywhere nixos-install disko disko-install "
    "nix-on-droid system-manager colmena deploy nix-eval-jobs nixos-generate nixci".split()
)
_DEFAULT_HERE: Final = frozenset(("nix-fast-build", "colmena", "deploy", "nixci"))
CLASSIC: Final = frozenset(("nix-shell", "nix-build", "nix-instantiate", "nix-env", "nix-channel"))
"""The programs from before flakes."""
_CLASSIC_VALUES: Final = {
    name: count
    for count, names in {
        1: "-I --include -A --attr -o --out-link --run --command -f --file --profile -j --max-jobs --cores --keep "
        "--add-root --builders --store --timeout --log-format --system -i --interpreter --exclude --substituters "
        "--drv-link --extra-experimental-features --experimental-features",
        2: "--arg --argstr --option",
    }.items()
    for name in names.split()
}
_SHELLS: Final = frozenset(("bash", "sh", "zsh", "dash", "ksh"))
_RUNNERS: Final = frozenset(
    "cachix devenv direnv attic watch-exec flox nimbus op doppler aws-vault retry".split()
)


MENTIONS: Final = ("nix", "nom ", "home-manager", "darwin-", "colmena", "deploy", "disko", "system-manager")
"""A script without any of these holds no command of Nix."""


def mentions_nix(script: str) -> bool:
    """Whether a script may hold a command of Nix at all: only then is it worth reading."""
    return any(word in script for word in MENTIONS)


class Option(NamedTuple):
    """An option as written, with the values that belong to it."""

    name: Word
    values: tuple[Word, ...]


class Invocation(NamedTuple):
    """A command of Nix.

    `verb` is what it does (`build`, `flake update`; empty for programs that do one thing). `references` are what it
    evaluates: flake references with their `#…` for `nix` and the rebuild commands, files, packages or expressions for
    the classic ones; `here` says that it takes the flake of its folder when there are none. `named` is the word that
    names the verb. `inner` is the command that it runs, `arguments` what a verb takes that evaluates nothing (`registry add`).
    """

    program: str
    verb: str
    named: Word
    references: tuple[Word, ...]
    here: bool
    options: tuple[Option, ...]
    inner: tuple[Word, ...] = ()
    arguments: tuple[Word, ...] = ()

    def values(self, *names: str) -> Iterator[Word]:
        """The first value of every option with one of the names."""
        return (one.values[0] for one in self.options if one.name.text in names and one.values)

    def has(self, *names: str) -> Word | None:
        return next((one.name for one in self.options if one.name.text in names), None)

    @property
    def is_flake(self) -> bool:
        """Whether its references are those of flakes."""
        return self.program not in CLASSIC and self.has(*_EXPRESSIONS) is None


def invocation(command: Command) -> Invocation | None:
    """What a command of Nix does; None for every other program."""
    program = command.program
    if program in ("nix", "nom"):
        return _nix(command)
    if program in CLASSIC:
        return _classic(command)
    if program in _REBUILDS:
        return _rebuild(command)
    return None


def _options(
    words: tuple[Word, ...], arity: dict[str, int], stops: frozenset[str]
) -> tuple[list[Word], list[Option], tuple[Word, ...], Word | None]:
    """Positional words, options, and what stands behind the first of `stops` with that word."""
    positional: list[Word] = []
    found: list[Option] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word.text in stops:
            return positional, found, words[at:], word
        if not word.text.startswith("-") or word.text == "-":
            positional.append(word)
            continue
        name, equals, _ = word.text.partition("=")
        if equals and name.startswith("--"):
            found.append(Option(word.part(0, len(name)), (word.part(len(name) + 1),)))
            continue
        count = arity.get(word.text, 1 if word.text.startswith("--extra-") else 0)
        found.append(Option(word, words[at : at + count]))
        at += count
    return positional, found, (), None


def _nix(command: Command) -> Invocation | None:
    positional, options, rest, stop = _options(command.words[1:], _VALUES, _RUNS_REST | {"--"})
    if not positional:
        return None
    named = positional.pop(0)
    verb = named.text
    if verb in _GROUPS:
        if not positional:
            return None
        named = positional.pop(0)
        verb = f"{verb} {named.text}"
    references: list[Word] = positional
    arguments: tuple[Word, ...] = ()
    inner: tuple[Word, ...] = rest
    if verb in _TAKES_ONE:
        inner = (*positional[1:], *rest) if verb == "run" else rest
        references = positional[:1]
    elif verb in ("fmt", "formatter run", "formatter build"):
        references = []  # what follows are files
    elif verb in _TEMPLATES:
        references = [
            one.values[0] for one in options if one.name.text in ("-t", "--template") and one.values
        ]
    elif verb in _FLAKE_VERBS:
        # Since Nix 2.19 the arguments of `flake update` are names of inputs.
        references = positional[:1]
        if verb == "flake update":
            references = [word for word in positional if word.text.startswith((".", "path:", "/"))]
    elif verb not in _TAKES_MANY and verb not in _INSTALLS:
        references, arguments = [], tuple(positional)
    flakes = [one.values[0] for one in options if one.name.text == "--flake" and one.values]
    expression = any(one.name.text in _EXPRESSIONS for one in options)
    here = verb in _EVALUATES_HERE and not references and not flakes and not expression
    if stop is not None and stop.text == "--" and verb != "run":
        inner = ()
    if verb == "run":
        inner = _program_of(references, inner)
    return Invocation(
        command.program, verb, named, (*references, *flakes), here, tuple(options), inner, arguments
    )


def _program_of(references: list[Word], arguments: tuple[Word, ...]) -> tuple[Word, ...]:
    """The command that `nix run` runs: the last name of the installable is that of its program."""
    if not references:
        return ()
    word = references[0]
    start = max(word.text.rfind(mark) for mark in "#./:") + 1
    return (word.part(start), *arguments) if start < len(word.text) else ()


def _classic(command: Command) -> Invocation:
    program, arity = command.program, _CLASSIC_VALUES
    words = command.words[1:]
    if program == "nix-env":
        arity = {**arity, "-p": 1, "-i": 0}
    elif program == "nix-channel":
        arity = {"--add": 2, "--remove": 1}
    elif program == "nix-instantiate":
        arity = {**arity, "-i": 0}
    positional, options, _, _ = _options(words, arity, frozenset())
    named = next(
        (one.name for one in options if one.name.text in ("-p", "--packages", "--add")), command.words[0]
    )
    return Invocation(program, "", named, tuple(positional), False, tuple(options))


def _rebuild(command: Command) -> Invocation:
    program = command.program
    arity = {**_VALUES, "-f": 0, "-s": 0, "-k": 0, "-t": 0, "-u": 0, "-c": 0}
    positional, options, _, _ = _options(command.words[1:], arity, frozenset(("--",)))
    references = [one.values[0] for one in options if one.name.text == "--flake" and one.values]
    if program == "deploy" and not references:
        references = positional[:1]
    verb = "" if program == "deploy" or not positional else positional[0].text
    here = program in _DEFAULT_HERE and not references
    return Invocation(program, verb, command.words[0], tuple(references), here, tuple(options))


def evaluated_flakes(command: Command, call: Invocation) -> Iterator[str]:
    """The local folders (relative to the working directory) whose flake a command of Nix itself evaluates.

    References to other repositories (`nixpkgs#hello`, `github:o/r`) are not local and left out.
    """
    if not call.is_flake:
        # `nix-build -E 'builtins.getFlake (toString ./.)'`
        if any(
            "getFlake" in word.text and ("toString ./." in word.text or "$PWD" in word.text)
            for word in command.words
        ):
            yield "."
        return
    for reference in call.values("--inputs-from"):
        yield from local_folder(reference.text)
    if call.program in ("nix", "nom") and call.verb not in _EVALUATES_HERE:
        return
    if call.here:
        yield "."
    for reference in call.references:
        yield from local_folder(reference.text)


def commands_run_by(command: Command, call: Invocation | None) -> Iterator[Command]:
    """The commands that a command (`call` when it is one of Nix) runs in its turn: `cachix watch-exec NAME -- nix build`,
    `bash -c '…'`, `nix shell … -c nix build`, `bash <<EOF`. A `cd` among them does not outlive it."""
    program, words = command.program, command.words
    if program in _SHELLS:
        yield from _shell(command)
    elif program == "nix-shell":
        scripts = [word for at, word in enumerate(words[1:]) if words[at].text in ("--run", "--command")]
        if not scripts and command.input is not None:
            scripts = [command.input]
        for script in scripts:
            yield from _script(script)
    elif program in ("nix", "nom"):
        if call is not None and call.inner:
            yield Command(call.inner, input=command.input)
        elif call is not None and call.verb in ("develop", "shell") and command.input is not None:
            yield from _script(command.input)
    elif program == "eval" and len(words) > 1:
        yield from _script(words[1])
    elif program == "find":
        yield from _of_find(words)
    elif program in _RUNNERS or "$" in program:
        rest = _behind_runner(words)
        if rest:
            yield Command(rest)


def _of_find(words: tuple[Word, ...]) -> Iterator[Command]:
    """`find … -exec COMMAND {} ; -exec COMMAND {} +`, each up to its end, so that one in another is not read again."""
    start: int | None = None
    for at, word in enumerate(words):
        if start is None:
            start = at + 1 if word.text in ("-exec", "-execdir", "-ok", "-okdir") else None
        elif word.text == ";" or (word.text == "+" and words[at - 1].text == "{}"):
            if start < at:
                yield Command(words[start:at])
            start = None
    if start is not None and start < len(words):
        yield Command(words[start:])


def _behind_runner(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The command behind `--`, or behind `watch-exec NAME` and `exec FOLDER`."""
    for at, word in enumerate(words):
        if word.text == "--":
            return words[at + 1 :]
    for at, word in enumerate(words):
        if word.text in ("watch-exec", "exec"):
            return words[at + 2 :]
    return ()


def _shell(command: Command) -> Iterator[Command]:
    words = command.words
    for at, word in enumerate(words[1:-1], 1):
        if _is_script_option(word.text):
            yield from _script(words[at + 1])
            return
    if command.input is not None and all(word.text.startswith("-") for word in words[1:]):
        yield from _script(command.input)


def _script(word: Word) -> Iterator[Command]:
    return (one.inside(word) for one in commands(word.text))


def _is_script_option(word: str) -> bool:
    """`-c`, also together with others: `-euc`."""
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")


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
