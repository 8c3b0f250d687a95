"""Which comments silence which answers of rules, and which silence nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from scanner.model.source import Source, Span
from scanner.parse.ignores import LOOK_BACK, OWN, Ignore, Name, Silenced, silenced


class Idle(NamedTuple):
    """A name in a comment that silences nothing, None when the comment has none; `known` is whether there is such a rule."""

    comment: Ignore
    name: Name | None
    known: bool


class Ignores:
    """The comments of a repository. What was asked is remembered: a comment that answered is in use.

    A comment speaks of the findings on its line, of those in the step around it, and on the line of a key (`permissions:`, `on:`) of those
    below that key. Alone on a line it also speaks of the line below. A finding about several lines is silenced on its own, or on
    each of the others.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        rules: Mapping[str, tuple[str, ...]],
        checks: Collection[str] = (),
        partial: Iterable[str] = (),
    ) -> None:
        """`rules` are those that run, each with further names: those of other tools (`zizmor:…`), of other rules (`snowfence:…`);
        `checks` are the ids of all that the policy declares itself. `partial` are those of `rules` that find less in this run than they
        may in another, so that of a comment about them nothing can be said; more of them may turn out as they run."""
        self._rules: Final = rules
        self._checks: Final = checks
        self.partial: Final = set(partial)
        self._files: Final[dict[str, Silenced]] = {}
        for source in sources:
            found = silenced(source)
            if found is not None:
                self._files[source.shown] = found
        self._named: Final[dict[tuple[str, int, int], _Named]] = {}
        self._used: Final[set[tuple[Span, str]]] = set()
        self._answered: Final[set[tuple[str, int, int, str, str]]] = set()

    def __bool__(self) -> bool:
        return bool(self._files)

    def of(self, rule: str, at: Span, related: Iterable[Span] = ()) -> Ignore | None:
        """The comment that silences a rule at a place, or at all of the further lines that the finding is about."""
        found = self._at(rule, at)
        if found is not None:
            return found
        others = [self._at(rule, place) for place in related]
        return others[0] if others and None not in others else None

    def _at(self, rule: str, at: Span) -> Ignore | None:
        file = self._files.get(at.shown)
        if file is None:
            return None
        position = at.source.position
        first, last = position(at.start).line, at.finish.line
        comment = self._asked(file, at, first, last, rule)
        setting = file.setting(at.start)
        if comment is None and setting is not None:
            first = position(setting.start).line
            last = position(max(setting.start, setting.end - 1)).line if setting.whole else first
            comment = self._asked(file, at, first, last, rule)
        return comment

    def _asked(self, file: Silenced, at: Span, first: int, last: int, rule: str) -> Ignore | None:
        named = self._comments(file, at.shown, first, last)
        for tool, name in self._names(rule):
            comments = named.get((tool, name))
            if comments:
                key = (at.shown, first, last, tool, name)
                if key not in self._answered:
                    self._answered.add(key)
                    self._used.update((one.at, name) for one in comments)
                return comments[0]
        return None

    def _names(self, rule: str) -> Iterator[tuple[str, str]]:
        yield OWN, rule
        for tool, _, name in _aliases(self._rules.get(rule, ())):
            yield tool, name

    def _comments(self, file: Silenced, path: str, first: int, last: int) -> "_Named":
        """What is said on some lines of a file, or alone above them, by tool and rule."""
        key = (path, first, last)
        if key not in self._named:
            found: _Named = {}
            begin = bisect_left(file.comments, first - LOOK_BACK, key=_line)
            for one in file.comments[begin : bisect_right(file.comments, last, key=_line)]:
                if one.line >= first or (one.above is not None and first <= one.above <= last):
                    for name in one.names:
                        found.setdefault((one.tool, name.text), []).append(one)
            self._named[key] = found
        return self._named[key]

    def idle(self, known: Collection[str]) -> Iterator[Idle]:
        """What silences nothing; `known` are the ids of all rules. Of a rule that does not run, or not to the full, nothing is said."""
        sure = self._rules.keys() - self.partial
        theirs = {name for rule in sure for tool, _, name in _aliases(self._rules[rule]) if tool != OWN}
        for file in self._files.values():
            for comment in file.comments:
                if not comment.names:
                    yield Idle(comment, None, False)
                for name in comment.names:
                    if (comment.at, name.text) in self._used:
                        continue
                    if comment.tool != OWN:
                        if name.text in theirs:
                            yield Idle(comment, name, True)
                    elif name.text in sure:
                        yield Idle(comment, name, True)
                    elif name.text not in known and name.text not in self._checks:
                        yield Idle(comment, name, False)


_TOOLS: Final = ("zizmor:", f"{OWN}:")
"""Whose names comments use for rules."""

NOTHING_IGNORED: Final = Ignores((), {})


def _aliases(names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    return (name.partition(":") for name in names if name.startswith(_TOOLS))


def _line(comment: Ignore) -> int:
    return comment.line


_Named = dict[tuple[str, str], list[Ignore]]
