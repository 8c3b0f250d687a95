"""What people write behind a pinned commit, so that others can tell which release it is: `# v4.2.2`, `# tag=v4.2.2`,
`# ratchet:owner/repository@v4`, `# zizmor: ignore[rule] v4.2.2`."""

from typing import Final, NamedTuple

from scanner.model.commit import HEX
from scanner.model.source import Span
from scanner.parse.nodes import Scalar

BRANCHES: Final = frozenset("develop dev head latest main master nightly stable trunk".split())

_KEYS: Final = ("tag", "version", "ver", "release", "ref", "branch", "ratchet", "pin", "pinned")
_FAR: Final = 500
"""Characters behind a `uses:` that are looked at: many can stand on one line."""
_WORDS: Final = 20
"""How many words of a comment are looked at."""


class Comment(NamedTuple):
    """`at` is the text behind `#`. `ref` is the version, tag or branch that it names, None when it names none; `name` is
    the `owner/repository[/path]` (lower case) that it gives with it; `commit` is a commit id, short or full, in it."""

    at: Span
    ref: str | None
    name: str | None
    commit: str | None

    def ref_of(self, slug: str) -> str | None:
        """The ref that it names of a repository (`owner/repository`, lower case); None where it speaks of another one."""
        other = self.name is not None and "/".join(self.name.split("/")[:2]) != slug
        return None if other else self.ref


def comment_of(uses: Scalar) -> Comment | None:
    """The comment behind a `uses:` on its line."""
    text = uses.source.text
    if text[uses.start] in "|>":
        return None  # a block ends on another line
    limit = min(len(text), uses.end + _FAR)
    line = text.find("\n", uses.end, limit)
    end = line if line >= 0 else limit
    # In `{uses: …, with: …} # v1` more of the step stands between.
    mark = text.find("#", uses.end, end)
    while mark > 0 and not text[mark - 1].isspace():
        mark = text.find("#", mark + 1, end)
    if mark < 0:
        return None
    start = mark + 1
    while start < end and text[start] in "# \t":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    ref, name, commit = _read(text[start:end])
    return Comment(
        Span(uses.source, start, end) if start < end else Span(uses.source, mark, mark + 1), ref, name, commit
    )


def _read(text: str) -> tuple[str | None, str | None, str | None]:
    """The ref, the action and the commit that a comment names."""
    ref = name = commit = None
    for part in text.split("#"):
        rest = _behind_directive(part.strip())
        directive = rest is not None
        rest = part if rest is None else rest
        words = [found for word in rest.split()[:_WORDS] if (found := _value(word.strip("()[],;")))]
        for word in words:
            if is_commit_id(word):
                commit = commit or word.lower()
            elif ref is None:
                named, at, tail = word.rpartition("@")
                if at and tail and "/" in named:
                    ref, name = tail, named.lower()
                elif is_version(tail) and (tail[0] in "vV" or "." in tail or len(words) == 1):
                    ref = tail
        alone = (
            len(words) == 1 and not directive and not is_commit_id(words[0]) and not words[0].endswith(":")
        )
        if ref is None and alone:
            ref = words[0].rpartition("@")[2] or None
    return ref, name, commit


def _behind_directive(text: str) -> str | None:
    """What follows an ignore comment (`zizmor: ignore[a, b]`) of a tool; None when there is none."""
    tool, colon, rest = text.partition(":")
    rest = rest.lstrip()
    if not colon or not rest.startswith("ignore") or not tool.replace("-", "").isalnum():
        return None
    rest = rest.removeprefix("ignore")
    return rest.partition("]")[2] if rest.startswith("[") else rest


def is_version(text: str) -> bool:
    """Whether a word begins as a version does: `v4`, `1.2.3-rc.1`, `2024-01-02`."""
    digits = text[1:] if text[:1] in ("v", "V") else text
    return digits[:1].isdecimal() and all(char.isalnum() or char in "._+-" for char in digits)


def is_commit_id(word: str) -> bool:
    """Whether a word is a commit id, short or full: a number or a word of letters is none."""
    return 7 <= len(word) <= 64 and HEX.issuperset(word) and not word.isdecimal() and not word.isalpha()


def _value(word: str) -> str:
    """A word without a key before it: `tag=v1`, `ratchet:owner/repository@v1`; nothing when it is only the key."""
    for separator in ("=", ":"):
        key, found, value = word.partition(separator)
        if found and key.lower() in _KEYS:
            return value
    return "" if word.lower() in _KEYS or word in ("=", "@", "-") else word


def numbers(ref: str) -> tuple[int, ...] | None:
    """The numbers of a release: `(4, 2, 2)` of `v4.2.2`, `(4,)` of `v4`; None for another kind of name."""
    parts = ref.removeprefix("v").removeprefix("V").split(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        return None
    return tuple(map(int, parts))


def contradict(one: str, other: str) -> bool:
    """Whether two names cannot be of one release: `v4` and `v4.2.2` can, `v4.2.1` and `v4.2.2` cannot."""
    first, second = numbers(one), numbers(other)
    if first is None or second is None:
        return False
    length = min(len(first), len(second))
    return first[:length] != second[:length]
