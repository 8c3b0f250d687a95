"""Git, with everything switched off by which a repository could choose a program to run."""

import os
from pathlib import Path
from typing import Final

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

    def _run(self, folder: Path, *arguments: str, quiet: bool = False) -> str | None:
        """What git prints; None when it fails, which is noted unless that is an answer too (`quiet`)."""
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
            done = subprocess.run(
                ["git", *_NEUTRAL, "-C", os.fspath(folder), *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = error.strerror if isinstance(error, OSError) else "no answer"
            self.notes.append(f"git cannot be asked ({reason}), so ignored files are scanned as well")
            return None
        if done.returncode != 0 and quiet:
            return None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            self.notes.append(
                f"git ls-files failed ({said[0] if said else 'no reason given'}), so ignored files are scanned as well"
            )
            return None
        return os.fsdecode(done.stdout)


def _checkout(folder: Path) -> Path | None:
    """The nearest folder upwards with a `.git`; found without starting git, which costs more than the scan."""
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None
