"""Whether a use of a program runs what stands in the files of a project, and where those are."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.knowledge.execution import Tool

if TYPE_CHECKING:
    from scanner.parse.shell_words import Word

Resolve = Callable[[str, str | None], str | None]
"""The place of a path that is named in a folder."""

_NOTHING: Final = frozenset(("--version", "--help", "-version", "-help"))
_FLAKES: Final = (".", "path:", "/", "$", "#")


class Use(NamedTuple):
    """`what` is the program with its sub-command; `folder` and `file` are places, as those of an `Execution`."""

    what: str
    folder: str | None
    file: str | None = None


class _Arguments(NamedTuple):
    """The arguments of a program: those that are no options, the options, and what options say about the place."""

    plain: tuple[str, ...]
    options: frozenset[str]
    folder: str | None
    file: str | None


def _arguments(words: "Sequence[Word]", tool: Tool) -> _Arguments:
    plain: list[str] = []
    options: set[str] = set()
    folder: str | None = None
    file: str | None = None
    at = 1
    while at < len(words):
        text = words[at].text
        at += 1
        if text in tool.stop:
            break
        if text == "--":
            plain += [word.text for word in words[at:]]
            break
        if not text.startswith("-") or text == "-":
            if not text.startswith("+"):
                plain.append(text)
            continue
        name, equals, value = text.partition("=")
        attached = not equals and text[:2] != "--" and text[:2] in tool.folder | tool.file and len(text) > 2
        if attached and text not in tool.folder | tool.file | tool.values:
            name, value = text[:2], text[2:]
        options.update((name, text))
        takes = name in tool.folder or name in tool.file
        if takes or name in tool.values:
            if not equals and not (attached and value) and at < len(words):
                value = words[at].text
                at += 1
            if name in tool.folder:
                folder = value
            elif name in tool.file:
                file = value
    return _Arguments(tuple(plain), frozenset(options), folder, file)


def use_of(
    words: "Sequence[Word]", program: str, tool: Tool, here: str | None, resolve: Resolve
) -> Use | None:
    """What a command runs in the folder `here`, if this use of its program runs anything; `words` begin with the program."""
    given = _arguments(words, tool)
    if given.options & _NOTHING:
        return None
    verb = _verb(given.plain, tool) if tool.choosy else ""
    if verb is None:
        return None
    plain = given.plain[verb.count("_") + 1 :] if verb else given.plain
    installs = verb in tool.installs if tool.installs else True
    if installs and not tool.unless.isdisjoint((*given.options, *given.plain[:1])):
        return None
    if tool.needs and not _needed(plain, given, tool):
        return None
    what = " ".join((program, *verb.split("_"))) if verb else program
    if tool.context:
        return _build(what, plain, here, resolve)
    if given.folder is not None:
        here = resolve(given.folder, here)
    if given.file is not None:
        file = resolve(given.file, here)
        return Use(what, file.rpartition("/")[0] if file is not None else None, file)
    if "flake" in tool.needs:
        local = next((text for text in plain if text.startswith(_FLAKES)), "")
        return Use(what, resolve(local.removeprefix("path:").partition("#")[0] or ".", here))
    if "path" in tool.needs or "local" in tool.needs:
        return _installed(what, plain, here, resolve)
    return Use(what, here)


def _verb(plain: Sequence[str], tool: Tool) -> str | None:
    """The sub-command that runs something; `""` for none, where that does, too."""
    if not plain:
        return "" if tool.bare else None
    first = plain[0]
    pair = f"{first}_{plain[1]}" if len(plain) > 1 else ""
    if pair in tool.verbs:
        return pair
    if first in tool.verbs or first in tool.installs:
        return first
    if tool.others and first not in tool.excluded and first.replace("-", "").replace(":", "").isalnum():
        return first
    return None


def _needed(plain: Sequence[str], given: _Arguments, tool: Tool) -> bool:
    if not given.options.isdisjoint(tool.needs):
        return True
    if "path" in tool.needs:
        return any(_is_path(text) for text in plain)
    if "flake" in tool.needs:
        return not plain or any(text.startswith(_FLAKES) for text in plain)
    if "local" in tool.needs:
        return not any("@" in text for text in plain)
    return False


def _is_path(text: str) -> bool:
    text = text.partition("[")[0]
    return text.startswith((".", "/", "file:", "git+file:", "$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}")) or (
        "://" not in text and "@" not in text and ("/" in text or text.endswith((".whl", ".tar.gz", ".zip")))
    )


def _installed(what: str, plain: Sequence[str], here: str | None, resolve: Resolve) -> Use:
    """A program that is told files and folders; without any it takes what is in its folder."""
    for text in plain:
        if _is_path(text):
            path = text.partition("[")[0].removeprefix("git+").removeprefix("file:").removeprefix("//")
            return Use(what, resolve(path.removesuffix("..."), here))
    return Use(what, here)


def _build(what: str, plain: Sequence[str], here: str | None, resolve: Resolve) -> Use | None:
    """`docker build FOLDER`: a folder, unless it is an address or what the command reads."""
    context = plain[-1] if plain else "."
    if "://" in context or context == "-" or context.startswith("git@"):
        return None
    return Use(what, resolve(context, here))
