"""Which version of an action a step uses, as far as its ref or the comment behind it says."""

from math import inf

from scanner.analysis.uses.pins import comment_of
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call


def version_of(call: Call) -> tuple[float, ...] | None:
    """The version as `(major, minor, patch)`, None when it is not known.

    `v4` follows the newest 4.x, so what is left open is infinite. For a commit id the comment behind it counts:
    `# v4.2.2`, `# tag=v4.2.2`, `# ratchet:owner/name@v4`.
    """
    use = call.target
    if not isinstance(use, RepositoryUse):
        return None
    text: str | None = use.ref
    if use.pinned:
        comment = comment_of(call.text)
        text = comment.ref if comment is not None else None
    if text is None:
        return None
    parts = text.removeprefix("v").split(".")
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return None
    return (*map(int, parts), *[inf] * (3 - len(parts)))
