"""Git, with everything switched off by which a repository could choose a program to run."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.model.commit import is_commit
from scanner.model.errors import UsageError

if TYPE_CHECKING:
    from subprocess import CompletedProcess

_NEUTRAL: Final = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.pager=cat",
    "-c", "core.untrackedCache=false",
    "-c", "diff.external=",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    # Reading the index of another user's checkout (a container's volume) is safe once the above holds.
    "-c", "safe.directory=*",
)  # fmt: skip
_TIMEOUT = 60


class TreeFile(NamedTuple):
    """A file of a revision: its path from the root of the checkout, and the object of its content.

    The content of a `link` is the path that it leads to.
    """

    path: str
    object: str
    link: bool


class Git:
    """`scanner.model.ports.Repository` by the `git` command; `notes` collects why it could not answer."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def toplevel(self, folder: Path) -> Path | None:
        return _checkout(folder)

    def visible_files(self, root: Path) -> list[str] | None:
        if _checkout(root) is None:
            return None
        # Tracked files are listed whatever the ignore rules say; deleted ones too, the reader skips them.
        listed = self._run(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is None:
            return None
        # A folder that is named although git ignores it is meant: all of it is looked at.
        if not listed and self._run(root, "check-ignore", "--quiet", ".", quiet=True) is not None:
            return None
        paths = set(filter(None, listed.split("\0")))
        if ".gitmodules" in paths:
            self._note_submodules(root)
        return sorted(paths)

    def _note_submodules(self, root: Path) -> None:
        staged = self._run(root, "ls-files", "-z", "--stage") or ""
        names = [entry.partition("\t")[2] for entry in staged.split("\0") if entry.startswith("160000 ")]
        self.notes += [
            f"the submodule `{name}` is a repository of its own and is not scanned with this one"
            for name in names
        ]

    # ------------------------------------------------------------ revisions

    def commit(self, folder: Path, revision: str) -> str | None:
        """The id of the commit that a name means; None when it means none. Nothing that starts with a dash is
        asked for: git could take it for an option."""
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        if revision.startswith(":"):
            # Not at once: `^{commit}` behind `:/text` would be a part of the text that is looked for.
            named = self._object(folder, revision)
            return None if named is None else self._object(folder, f"{named}^{{commit}}")
        # With it, the beginning of an id means a commit, whatever else begins so.
        return self._object(folder, f"{revision}^{{commit}}")

    def _object(self, folder: Path, revision: str) -> str | None:
        done = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", revision)
        if isinstance(done, str) or done.returncode != 0:
            return None
        id = done.stdout.decode("ascii", "replace").strip()
        return id if is_commit(id) else None

    def shallow(self, folder: Path) -> bool:
        """Whether a checkout holds only the newest part of its history."""
        return self._answer(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"

    def merge_base(self, folder: Path, one: str, other: str) -> str | None:
        """The newest commit that both histories hold; None when they share none that is here."""
        done = _git(folder, "merge-base", one, other)
        if isinstance(done, str) or done.returncode != 0:
            return None
        return done.stdout.decode("ascii", "replace").split("\n")[0] or None

    def files_at(self, folder: Path, commit: str) -> list[TreeFile]:
        """The files of a commit, whatever folder of the checkout is named; submodules are left out.

        Sizes are not asked for: a partial clone has not those of files that nobody needs.
        """
        listed = self._answer(folder, "ls-tree", "-r", "-z", "--full-tree", commit)
        files = []
        for entry in listed.split(b"\0"):
            head, tab, path = entry.partition(b"\t")
            if tab:
                mode, kind, object = head.split()
                if kind == b"blob":
                    files.append(TreeFile(os.fsdecode(path), object.decode("ascii"), mode == b"120000"))
        return files

    def sizes(self, folder: Path, objects: Iterable[str]) -> dict[str, int]:
        """The octets of the contents of objects, without those that are not here: a clone is partial, or damaged."""
        wanted = _lines(objects)
        if not wanted:
            return {}
        found = {}
        for line in self._answer(folder, "cat-file", "--batch-check", said=wanted).splitlines():
            object, *rest = line.decode("ascii", "replace").split(" ")
            if len(rest) == 2:  # else: `missing`
                found[object] = int(rest[1])
        return found

    def contents(self, folder: Path, objects: Iterable[str]) -> dict[str, bytes]:
        """The contents of objects, without those that are not here: a clone is partial, or damaged."""
        wanted = _lines(objects)
        if not wanted:
            return {}
        printed = self._answer(folder, "cat-file", "--batch", said=wanted)
        found, at = {}, 0
        while (end := printed.find(b"\n", at)) >= 0:
            object, *rest = printed[at:end].decode("ascii", "replace").split(" ")
            at = end + 1
            if len(rest) == 2:  # else: `missing`
                found[object] = printed[at : at + int(rest[1])]
                at += int(rest[1]) + 1
        return found

    def _answer(self, folder: Path, *arguments: str, said: bytes = b"") -> bytes:
        """What git prints. Raises UsageError when it cannot: without it there is nothing to go on with."""
        done = _git(folder, *arguments, said=said)
        if isinstance(done, str):
            raise UsageError(f"git cannot be asked ({done}), and only it can tell what a revision holds")
        if done.returncode != 0:
            advice = (
                "; this clone is partial, so objects that it needs are on the server only: clone without `--filter`, or fetch them "
                "with `git fetch --refetch --no-filter`"
                if self.partial(folder)
                else ""
            )
            raise UsageError(f"git {arguments[0]} failed: {_reason(done.stderr)}{advice}")
        return done.stdout

    def partial(self, folder: Path) -> bool:
        """Whether a clone has left objects on the server (`git clone --filter`)."""
        done = _git(folder, "config", "--local", "--get-regexp", r"^remote\..*\.promisor$")
        return not isinstance(done, str) and done.returncode == 0

    # ------------------------------------------------------------ running

    def _run(self, folder: Path, *arguments: str, quiet: bool = False) -> str | None:
        """What git prints; None when it fails, which is noted unless that is an answer too (`quiet`)."""
        done = _git(folder, *arguments)
        if isinstance(done, str):
            self.notes.append(f"git cannot be asked ({done}), so ignored files are scanned as well")
            return None
        if done.returncode != 0 and quiet:
            return None
        if done.returncode != 0:
            self.notes.append(
                f"git ls-files failed ({_reason(done.stderr)}), so ignored files are scanned as well"
            )
            return None
        return os.fsdecode(done.stdout)


def _lines(objects: Iterable[str]) -> bytes:
    """Objects as `git cat-file` reads them, each once."""
    return "".join(f"{object}\n" for object in dict.fromkeys(objects)).encode("ascii")


def _reason(said: bytes) -> str:
    """Why git has failed, in its words: warnings may stand before them."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if not line.startswith("warning: ")), "no reason given")


def _git(folder: Path, *arguments: str, said: bytes = b"") -> "CompletedProcess[bytes] | str":
    """Runs git; the reason when it cannot be started or does not answer in time."""
    import subprocess  # a scan outside a checkout does not need it, and it is slow to import

    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        # Two bars against fetching the objects of a partial clone: old git knows only the first.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    try:
        return subprocess.run(
            ["git", *_NEUTRAL, "-C", os.fspath(folder), *arguments],
            env=environment,
            input=said,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return (error.strerror or "no reason given") if isinstance(error, OSError) else "no answer"


def _checkout(folder: Path) -> Path | None:
    """The nearest folder upwards with a `.git`; found without starting git, which costs more than the scan."""
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None
