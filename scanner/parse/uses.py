"""What `uses:` refers to: `owner/repo/path@ref`, `./path`, `$/path` or `docker://image`.

A total function: every text has an answer. Grammar: what the runner accepts (ActionReferenceBuilder of actions/runner), which
is more than the documented `owner/repository/path@ref`: backslashes, empty parts, absolute URLs; exactly one `@`. `$/path` is the
same repository at the running commit (GitHub, 2026-07-30) and takes no `@ref`.
"""

from typing import NamedTuple

from scanner.model.commit import is_commit
from scanner.parse.image import Image, image_of


class RepositoryUse(NamedTuple):
    """An action or workflow of another repository; `path` is empty for the repository's root."""

    owner: str
    repository: str
    path: str
    ref: str

    @property
    def slug(self) -> str:
        """`owner/repository`, lower-cased: GitHub compares both without case."""
        return f"{self.owner}/{self.repository}".lower()

    @property
    def name(self) -> str:
        """The reference without its ref, as written."""
        return "/".join(part for part in (self.owner, self.repository, self.path) if part)

    @property
    def pinned(self) -> bool:
        """Whether the ref is a full commit id: 40 hexadecimal digits. GitHub's repositories are SHA-1, so a longer one is the
        name of a tag or branch."""
        return len(self.ref) == 40 and is_commit(self.ref)


class LocalUse(NamedTuple):
    """`./path`: a folder or workflow of the checked-out repository; `path` has no leading `./`."""

    path: str


class SelfUse(NamedTuple):
    """`$/path`: the same repository at the commit that is running."""

    path: str


class DockerUse(NamedTuple):
    image: Image


class MalformedUse(NamedTuple):
    """A text that GitHub refuses, with the reason."""

    reason: str


Use = RepositoryUse | LocalUse | SelfUse | DockerUse | MalformedUse


def use_of(text: str) -> Use:
    text = text.strip()
    if text.startswith("docker://"):
        return DockerUse(image_of(text.removeprefix("docker://")))
    if text.startswith(("./", ".\\")):
        return LocalUse("/".join(_parts(text[2:])))
    if text.startswith("$/"):
        if "@" in text:
            return MalformedUse("`$/` means the running commit, so it takes no `@ref`")
        return SelfUse("/".join(_parts(text[2:])))
    if not text:
        return MalformedUse("it is empty")
    name, at, ref = text.partition("@")
    if not at:
        return MalformedUse("it has no `@ref`; write `owner/repository@commit`")
    if "@" in ref:
        return MalformedUse("it has more than one `@`")
    if name.startswith(("https://", "http://")):
        name = name.partition("://")[2].partition("/")[2]
    parts = _parts(name)
    if len(parts) < 2:
        return MalformedUse("it is not of the form `owner/repository@ref`")
    if not ref:
        return MalformedUse("nothing follows the `@`")
    return RepositoryUse(parts[0], parts[1], "/".join(parts[2:]), ref)


def _parts(path: str) -> list[str]:
    """The runner splits at both kinds of slashes and drops empty parts."""
    return [part for part in path.replace("\\", "/").split("/") if part]
