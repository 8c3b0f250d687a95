"""Which files are inputs: a table from paths to kinds, and the walk that applies it.

Symbolic links are followed for single files inside the root only; sizes and counts are bounded; what is left out for
such a reason is said.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.ports import Repository
from scanner.model.safe_file import NotRegular, read_file
from scanner.model.source import Source, Span

MAX_BYTES: Final = 10 * 1024 * 1024
"""Larger inputs are not read: GitHub's limit for a workflow is far below, the largest real lock is 0.3 MB."""

TOO_LARGE: Final = f"larger than {MAX_BYTES // 1024 // 1024} MB, so it is not read"
"""What is said of them."""

LEAVES: Final = "a symbolic link that leaves the repository is not followed; commit the file itself instead"
DANGLING: Final = "a symbolic link to a file that does not exist"
"""What is said of links that lead to no input."""

MAX_FILES: Final = 500_000
"""Files that a walk without git looks at."""


class Kind(NamedTuple):
    """A row of the table: the names of files, and the one folder that they must stand in (empty: the root; None: any).

    `nested`: a folder of that name anywhere will do.
    """

    name: str
    files: tuple[str, ...]
    folder: str | None
    nested: bool = False


KINDS: Final = (
    Kind("flake-lock", ("flake.lock", "devenv.lock"), None),  # one grammar
    Kind("flake-nix", ("flake.nix",), None),
    Kind("npins", ("sources.json",), "npins", nested=True),
    Kind("niv", ("sources.json",), "nix", nested=True),
    Kind("lon", ("lon.lock",), None),
    Kind("nix-conf", ("nix.conf",), None),
    Kind("workflow", ("*.yml", "*.yaml"), ".github/workflows"),
    Kind("actions-lock", ("actions.lock",), ".github/workflows"),
    Kind("action", ("action.yml", "action.yaml"), None),
    Kind("dependabot", ("dependabot.yml", "dependabot.yaml"), ".github"),
    Kind("renovate", ("renovate.json", "renovate.json5"), ""),
    Kind("renovate", (".renovaterc", ".renovaterc.json", ".renovaterc.json5"), ""),
    Kind("renovate", ("renovate.json", "renovate.json5"), ".github"),
    Kind("pre-commit", (".pre-commit-config.yaml", ".pre-commit-config.yml"), ""),
    Kind("code-owners", ("CODEOWNERS",), ""),
    Kind("code-owners", ("CODEOWNERS",), ".github"),
    Kind("code-owners", ("CODEOWNERS",), "docs"),
)


LOCKS: Final = frozenset(("flake-lock", "npins", "niv", "lon"))
"""The kinds that lock inputs."""


def kind_of(path: str) -> str | None:
    """The kind of a path relative to the repository root, None for a file that is no input."""
    folder, _, name = path.rpartition("/")
    for kind in KINDS:
        if kind.folder is not None and kind.folder != (folder.rpartition("/")[2] if kind.nested else folder):
            continue
        for pattern in kind.files:
            if name.endswith(pattern[1:]) if pattern[0] == "*" else name == pattern:
                return kind.name
    return None


class Discovered(NamedTuple):
    """The inputs of a repository in the order of their paths, what could not be looked at, and how many were not wanted."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    left_out: int = 0


def discover(
    root: Path,
    repository: Repository,
    *,
    prefix: str = "",
    base: str = "",
    also: tuple[str, ...] = (),
    wanted: Callable[[str], bool] | None = None,
) -> Discovered:
    """Finds and reads the inputs below `root`; files that git ignores and does not track are left out, but for
    those in `also`, and so are those that are not `wanted` (None: all are). `prefix` and `base` are put before paths in reports, see
    `Source`."""
    files = _Files(root, prefix, base)
    visible = repository.visible_files(root)
    paths = files.walk("") if visible is None else files.with_nested([*visible, *also])
    sources: dict[str, Source] = {}
    found = {path for path in paths if kind_of(path) is not None}
    read = found if wanted is None else {path for path in found if wanted(path)}
    for path in sorted(read):
        source = files.read(path)
        if source is not None:
            sources[source.path] = source
    return Discovered(
        tuple(sources[path] for path in sorted(sources)), tuple(files.problems), len(found) - len(read)
    )


class _Files:
    """The files below one root; what cannot be read is collected in `problems`."""

    def __init__(self, root: Path, prefix: str, base: str) -> None:
        self.root = root
        self.inside = os.path.realpath(root).rstrip("/") + "/"
        self.prefix = prefix
        self.base = base
        self.problems: list[Problem] = []

    def source(self, path: str, kind: str) -> Source:
        return Source(path, kind, prefix=self.prefix, base=self.base)

    def refuse(self, source: Source, message: str) -> None:
        self.problems.append(Problem(Span(source, 0, 0), message))

    def with_nested(self, visible: Iterable[str]) -> Iterator[str]:
        """Paths that git lists, with the files of untracked checkouts, into which git does not look."""
        for path in visible:
            if path.endswith("/"):
                yield from self.walk(path.rstrip("/"))
            else:
                yield path

    def walk(self, folder: str) -> Iterator[str]:
        """Every file below a folder, links to folders not followed."""
        waiting, count = [folder], 0
        while waiting:
            folder = waiting.pop()
            inside = f"{folder}/" if folder else ""
            here = self.source(folder or ".", "folder")
            try:
                with os.scandir(self.root / folder) as entries:
                    for entry in entries:
                        count += 1
                        if not entry.is_dir(follow_symlinks=False):
                            yield inside + entry.name
                        elif entry.name != ".git":
                            waiting.append(inside + entry.name)
            except OSError as error:
                self.refuse(here, f"the folder cannot be read: {error.strerror}")
            if count > MAX_FILES:
                self.refuse(
                    here,
                    f"more than {MAX_FILES} files; what lies beyond is not scanned. Scan a smaller folder",
                )
                return

    def read(self, path: str) -> Source | None:
        """The source at a path; None, and mostly a problem, when it cannot be read."""
        kind = kind_of(path) or ""
        here = self.source(path, kind)
        # A link is an input under its own name; GitHub shows findings at real files only, so they stand at its target.
        target = os.path.realpath(self.root / path)
        if not target.startswith(self.inside):
            self.refuse(here, LEAVES)
            return None
        try:
            data = read_file(target, MAX_BYTES)
        except FileNotFoundError:
            if (self.root / path).is_symlink():
                self.refuse(here, DANGLING)
            return None  # else: in git's index, deleted in the working tree
        except NotRegular:
            self.refuse(here, "not a regular file, so it is not read")
            return None
        except OSError as error:
            self.refuse(here, f"cannot be read: {error.strerror}")
            return None
        shown = target.removeprefix(self.inside).replace(os.sep, "/")
        return decode(path, kind, data, self.problems, prefix=self.prefix, target=shown, base=self.base)


def decode(
    path: str,
    kind: str,
    data: bytes,
    problems: list[Problem],
    *,
    prefix: str = "",
    target: str | None = None,
    base: str = "",
) -> Source | None:
    """The octets of a file (of a larger one than `MAX_BYTES`, at least one more than that) as a source; None, and a
    problem, when they cannot be read. For `prefix`, `target` and `base` see `Source`."""
    if len(data) > MAX_BYTES:
        here = Source(path, kind, prefix=prefix, target=target, base=base)
        problems.append(Problem(Span(here, 0, 0), TOO_LARGE))
        return None
    if kind != "flake-nix":  # Nix refuses it there
        # A byte order mark is no part of the text: editors do not count it as a column.
        data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(path, kind, data.decode("utf-8"), prefix=prefix, target=target, base=base)
    except UnicodeDecodeError as error:
        readable = data.decode("utf-8", "replace")
        here = Source(path, kind, readable, prefix=prefix, target=target, base=base)
        at = len(data[: error.start].decode("utf-8"))
        message = f"not UTF-8: the byte 0x{data[error.start]:02x} cannot be read. Save the file as UTF-8"
        problems.append(Problem(Span(here, at, at + 1), message))
        return None
