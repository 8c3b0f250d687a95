"""Commands that install a package by its name, outside of the lockfile that a project has for its packages.

What each program takes for an installation, and which of its options take a value: npm 11, yarn 1 and 4, pnpm 10, bun 1.3,
RubyGems 3.7, Bundler 2.7 (their own command lines); the choice of programs as in zizmor 1.32 (`adhoc-packages`), and bun.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

_NPM: Final = frozenset("install i in ins inst insta instal isnt isnta isntal isntall add".split())
_OPTIONS: Final = {
    program: frozenset(options.split())
    for program, options in {
        "npm": "-C -w --before --cache --cpu --globalconfig --include --install-strategy --libc --location --loglevel "
        "--omit --os --otp --prefix --registry --save-prefix --scope --script-shell --tag --userconfig --workspace",
        "yarn": "--cache-folder --cwd --modules-folder --mutex --network-timeout --registry --use-yarnrc",
        "pnpm": "-C -F --dir --filter --filter-prod --global-dir --loglevel --registry --reporter --store-dir",
        "bun": "-c --backend --cache-dir --config --cwd --omit --registry",
        "gem": "-B -P -i -n -p -s -v --bindir --build-root --config-file --document --file --http-proxy --install-dir "
        "--platform --source --trust-policy --version --without",
        "bundle": "-g -r -s -v --branch --git --github --glob --group --path --ref --require --source --version",
    }.items()
}
PROGRAMS: Final = tuple(_OPTIONS)
_LOCAL: Final = (".", "/", "~", "file:", "..")
_ARCHIVES: Final = (".gem", ".tgz", ".tar.gz")


class Installation(NamedTuple):
    """`packages` are what is asked for, at least one; `local` says that all of it are files and folders."""

    packages: "tuple[Word, ...]"
    local: bool


def mentions_installation(script: str) -> bool:
    """Whether a text may hold such a command."""
    return any(program in script for program in PROGRAMS)


def installation(command: "Command") -> Installation | None:
    """What a command installs by name."""
    program = command.program.rpartition("\\")[2].removesuffix(".cmd")
    if program not in _OPTIONS:
        return None
    words = _arguments(program, command.words[1:])
    first = next(words, None)
    verb = first.text if first is not None else ""
    if (program, verb) == ("yarn", "workspace"):
        next(words, None)
        verb = next((word.text for word in words), "")
    elif (program, verb) in _PREFIXES:
        verb = next((word.text for word in words), "")
    if verb not in _VERBS[program]:
        return None
    packages = tuple(words)
    return Installation(packages, all(_is_local(word.text) for word in packages)) if packages else None


_PREFIXES: Final = frozenset(
    (("yarn", "global"), ("pnpm", "recursive"), ("pnpm", "multi"), ("pnpm", "m"), ("bun", "pm"))
)
_VERBS: Final = {
    "npm": _NPM,
    "yarn": frozenset(("add",)),
    "pnpm": frozenset(("add",)),
    "bun": frozenset(("add", "a", "install", "i")),
    "gem": frozenset(("install", "i")),
    "bundle": frozenset(("add",)),
}


def _arguments(program: str, words: "tuple[Word, ...]") -> "Iterator[Word]":
    """The words that are no options and no values of options."""
    takes, skip = _OPTIONS[program], False
    for word in words:
        if skip:
            skip = False
        elif word.text.startswith("-") and word.text != "-":
            skip = word.text in takes
        elif word.text:
            yield word


def _is_local(text: str) -> bool:
    return text.startswith(_LOCAL) or text.endswith(_ARCHIVES)
