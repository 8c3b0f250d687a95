"""Edits of YAML files that leave all that they do not speak of byte for byte as it was.

Each function answers None where it is not sure that the file would still be read as before: a text with escapes, a key that shares its
line with others, a value that stands elsewhere. No edit is offered in a file with aliases, in which one text is read at several places, nor
in one whose lines cannot be told for certain.
"""

import re
from functools import lru_cache

from scanner.model.finding import Edit, Fix
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

_SPECIAL = re.compile(r"""['"\\{}\[\],#*&!|>%`?]|: |:$""")
# Where a token of YAML may begin (behind a colon in brackets, too), and what libyaml and others take for the begin of a name.
_ALIAS, _ANCHOR = (re.compile(rf"(?:^|[\s\[{{,:?]){sign}[\w-]") for sign in (r"\*", "&"))
_LINES = re.compile(
    r"\r(?!\n)"  # ends a line for YAML and Nix, but for few editors
    "|[\x85\u2028\u2029]"  # end lines in YAML 1.1
    r"|[|>][1-9]?\+[1-9]?[ \t]*(?:\#|\r?$)",  # a text that the blank lines below it belong to
    re.MULTILINE,
)
_BLANK = " \t\r"
"""White space of YAML within a line, and the first half of a line break."""

_NEAR = 500
"""Characters before a mapping among which the line above it is looked for."""
_OPENS = re.compile(r"""[ -]*(?:- *|[\w.'"-]+:)[ \t]*(?:\#.*)?\r?$""")
"""A line that ends where a mapping of a block may begin."""


def fix(what: str, *edits: Edit | None) -> Fix | None:
    """The fix that makes all edits, None if one of them cannot be made."""
    made = tuple(edit for edit in edits if edit is not None)
    sure = made and len(made) == len(edits) and all(_has_sure_lines(edit.at.source) for edit in made)
    return Fix(what, made) if sure else None


@lru_cache(maxsize=8)
def _has_sure_lines(source: Source) -> bool:
    """Whether all readers of a file see the same lines, and each stands for itself."""
    return _LINES.search(source.text) is None


@lru_cache(maxsize=8)
def is_fixable(source: Source) -> bool:
    """Whether each value of a file is read at one place alone."""
    text = source.text
    return not ("*" in text and _ALIAS.search(text) and _ANCHOR.search(text)) and _has_sure_lines(source)


def rewritten(at: Span, old: str, new: str) -> Edit | None:
    """`new` instead of `old`, which must be just what stands at a place on one line. Both are texts without characters that any style of
    YAML gives a meaning."""
    if at.text != old or not _is_simple(new) or not is_fixable(at.source):
        return None
    return Edit(at, new)


def value(scalar: Scalar, new: str) -> Edit | None:
    """Another text as the value of a scalar of one line, in its quotes if it has any."""
    return rewritten(scalar.content, scalar.value, new) if _on_one_line(scalar) else None


def longer(scalar: Scalar, more: str) -> Edit | None:
    """A text of one line with `more` behind it, which gets quotes where it has none: in brackets some characters have a meaning."""
    at = scalar.content
    if not more.isprintable() or any(mark in more for mark in "'\"\\") or not is_fixable(at.source):
        return None
    if at.text != scalar.value or "\n" in at.text:
        return None
    if not scalar.plain:
        return Edit(Span(at.source, at.end, at.end), more)
    return Edit(at, f"'{at.text}{more}'") if "'" not in at.text else None


def _is_simple(text: str) -> bool:
    """Whether a text is the same in every style and at every place."""
    return (
        text.isprintable()
        and (text[:1].isalnum() or text[:1] in (".", "/", "$"))
        and text == text.strip()
        and not _SPECIAL.search(text)
    )


def _on_one_line(node: Node) -> bool:
    return "\n" not in node.source.text[node.start : node.end] and not _is_block_text(node)


def _is_block_text(node: Node) -> bool:
    """Whether a text begins below its header, or may do so: one with a tag or an anchor."""
    start = node.source.text[node.start : node.start + 1]
    return start in ("|", ">") or (isinstance(node, Scalar) and not node.plain and start not in ("'", '"'))


def _is_block(node: Mapping | Sequence) -> bool:
    """Whether a list or mapping for certain stands in lines, not in brackets, and has neither tag nor anchor."""
    text = node.source.text
    if isinstance(node, Sequence):
        return text.startswith("-", node.start)
    if not node.pairs or node.pairs[0][0].start != node.start or text.startswith(("{", "["), node.start):
        return False
    if len(node.pairs) > 1:
        return True
    # `[a: b]` is a mapping, too.
    start = max(0, node.start - _NEAR)
    lines = text[start : node.start].split("\n")
    above = [line for line in lines[start > 0 :] if line.strip(_BLANK) and not _is_all_comment(line)]
    return _OPENS.match(above[-1]) is not None if above else start == 0


def comment_behind(scalar: Scalar, comment: str) -> Edit | None:
    """A comment behind a value, on whose line nothing follows."""
    text = scalar.source.text
    end = _end_of_line(text, scalar.end)
    if not _on_one_line(scalar) or text[scalar.end : end].strip(_BLANK) or not is_fixable(scalar.source):
        return None
    return Edit(Span(scalar.source, scalar.end, scalar.end), f" # {comment}")


def added(
    mapping: Mapping,
    key: str,
    value: str,
    *,
    within: str = "",
    after: str = "",
    before: str = "",
    last: bool = False,
) -> Edit | None:
    """A pair more in a mapping; with `within` the pair stands in a mapping of that name that is made for it. It is put behind the key
    `after`, where that has a value of one line, or in front of the key `before` with the comments above it, or, as the `last` one, behind
    all others with the comments below them, else before the first key."""
    source, text = mapping.source, mapping.source.text
    if not is_fixable(source) or mapping.get(within or key) is not None:
        return None
    if text.startswith("{", mapping.start):
        pair = f"{within}: {{ {key}: {value} }}" if within else f"{key}: {value}"
        at = mapping.start + 1
        space = " " if text[at : at + 1] == " " else ""
        if mapping.pairs:
            return Edit(Span(source, at, at), f"{space}{pair}{',' if space else ', '}")
        if text[at : mapping.end - 1].strip(_BLANK):
            return None
        return Edit(Span(source, at, at), f"{space}{pair}")
    if not _is_block(mapping):
        return None
    first = mapping.pairs[0][0]
    column = _column(first)
    if column is None:
        return None
    margin, line = " " * column, _newline(source, first.start)
    lines = [f"{within}:", f"  {key}: {value}"] if within else [f"{key}: {value}"]
    node, name = mapping.get(after) if after else None, mapping.key(after) if after else None
    if isinstance(node, Scalar) and name is not None and _on_one_line(node) and node.start >= name.end:
        end = _end_of_line(text, node.end)
        if _is_comment(text[node.end : end]):
            at = _before_break(text, end)
            return Edit(Span(source, at, at), "".join(f"{line}{margin}{one}" for one in lines))
    place = _behind(mapping, column) if last else None
    if place is not None:
        return Edit(Span(source, place, place), "".join(f"{line}{margin}{one}" for one in lines))
    name = mapping.key(before) if before else None
    if name is not None and name.start > first.start and _column(name) == column:
        number = next(at for at, (one, _) in enumerate(mapping.pairs) if one is name)
        place, apart = _with_comments(text, name.start, column)
        if place < mapping.pairs[number - 1][1].end:
            return None  # what looks like a comment ends a text of several lines
        more = line if apart else ""
        return Edit(Span(source, place, place), "".join(f"{margin}{one}{line}" for one in lines) + more)
    at = first.start
    return Edit(Span(source, at, at), "".join(f"{one}{line}{margin}" for one in lines))


def _behind(mapping: Mapping, column: int) -> int | None:
    """The end of the last line of a block, or of the last comment below it that stands no further left; None where the block ends with a text
    of several lines, which would get longer."""
    text = mapping.source.text
    node: Node = mapping
    while not isinstance(node, Scalar):
        if text[node.start : node.start + 1] in ("{", "["):
            break
        if not (inner := _inside(node)) or not _is_block(node):
            return None
        node = inner[-1]
    at = node.end
    if isinstance(node, Scalar):
        if _is_block_text(node):
            return None
        at = max(at, mapping.pairs[-1][0].end)  # a value that is not there
        if text[at : at + 1] == ":":
            at += 1
    end = _end_of_line(text, at)
    if not _is_comment(text[at:end]):
        return None
    while end < len(text):
        below = _end_of_line(text, end + 1)
        said = text[end + 1 : below]
        if not _is_all_comment(said) or _indent(said) < column:
            break
        end = below
    return _before_break(text, end)


def _inside(node: Mapping | Sequence) -> list[Node]:
    return node.items if isinstance(node, Sequence) else [value for _, value in node.pairs]


def _with_comments(text: str, at: int, column: int) -> tuple[int, bool]:
    """The begin of the line of a key, or of the first comment directly above it that stands as far to the right, and whether a blank line is
    above that."""
    start = text.rfind("\n", 0, at) + 1
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        said = text[above : start - 1]
        if not _is_all_comment(said) or _indent(said) != column:
            return start, not said.strip(_BLANK)
        start = above
    return start, False


def removed(mapping: Mapping, key: str, *, of: Mapping | None = None, named: str = "") -> Edit | None:
    """A mapping without a pair. If it is its only one, the mapping goes, which is the value of `named` in another (`of`)."""
    if len(mapping.pairs) == 1:
        return removed(of, named) if of is not None and of.get(named) is mapping else None
    source, text = mapping.source, mapping.source.text
    number = next((at for at, (name, _) in enumerate(mapping.pairs) if name.value == key), None)
    if number is None or not is_fixable(source):
        return None
    name, node = mapping.pairs[number]
    following = mapping.pairs[number + 1][0] if number + 1 < len(mapping.pairs) else None
    if node.start < name.end:
        return None
    if text.startswith("{", mapping.start):
        start, end = name.start, node.end
        if following is not None:
            end = following.start
        else:
            start = mapping.pairs[number - 1][1].end
        return Edit(Span(source, start, end), "") if "\n" not in text[start:end] else None
    if not _is_block(mapping):
        return None
    last = node.end
    while last > name.end and text[last - 1] in " \t\r\n":
        last -= 1
    end = _end_of_line(text, last)
    if _column(name) is None or not _is_comment(text[last:end]):
        return None
    start = text.rfind("\n", 0, name.start) + 1
    if not text[start : name.start].strip(_BLANK):
        return _without_lines(Span(source, start, min(end + 1, len(text))))
    if following is None or text[end : following.start].strip(_BLANK + "\n"):
        return None
    return Edit(Span(source, name.start, following.start), "")


def last_value(scalar: Scalar, new: str) -> Edit | None:
    """Another text as the value of a scalar that ends its line, of which a comment behind it goes: it spoke of the old value."""
    text = scalar.source.text
    end = _end_of_line(text, scalar.end)
    if not _on_one_line(scalar) or not _is_comment(text[scalar.end : end]) or not is_fixable(scalar.source):
        return None
    return Edit(Span(scalar.source, scalar.start, _before_break(text, end)), new)


def emptied(of: Mapping, key: str) -> Edit | None:
    """An empty mapping as the value of a key that has one; comments between its pairs go with them."""
    name, node = of.key(key), of.get(key)
    if name is None or not isinstance(node, Mapping) or node.start < name.end or not is_fixable(of.source):
        return None
    source, text = of.source, of.source.text
    if text.startswith("{", node.start):
        return Edit(node.span, "{}") if _on_one_line(node) else None
    between = text[name.end : node.start]
    if not _is_block(node) or _column(name) is None:
        return None
    if not between.startswith(":") or not all(map(_is_comment, f" {between[1:]}".split("\n"))):
        return None
    last = node.end
    while last > node.start and text[last - 1] in " \t\r\n":
        last -= 1
    end = _end_of_line(text, last)
    if not _is_comment(text[last:end]):
        return None
    return Edit(Span(source, name.end, _before_break(text, end)), ": {}")


def without_comment(at: Span) -> Edit | None:
    """A file without a comment that ends its line; a line that holds nothing else goes with it."""
    text = at.source.text
    end = _end_of_line(text, at.end)
    if text[at.end : end].strip(_BLANK):
        return None
    start = text.rfind("\n", 0, at.start) + 1
    if not text[start : at.start].strip(_BLANK):
        return _without_lines(Span(at.source, start, min(end + 1, len(text))))
    start = at.start
    while text[start - 1] in " \t":
        start -= 1
    return Edit(Span(at.source, start, at.end), "")


def _without_lines(at: Span) -> Edit | None:
    """A file without some lines; None where the lines below would become part of a text of several lines above."""
    text, indent, end = at.source.text, _indent(at.text), at.end
    while end < len(text):
        start, end = end, _end_of_line(text, end) + 1
        below = text[start : end - 1].rstrip("\r")
        further = _indent(below) > indent
        if below.strip(_BLANK) and not (_is_all_comment(below) and further):
            break
        if further:
            return None
    return Edit(at, "")


def _column(key: Scalar) -> int | None:
    """How far a key of a block is indented, None where something else than dashes stands before it."""
    start = key.source.text.rfind("\n", 0, key.start) + 1
    return None if key.source.text[start : key.start].strip(" -") else key.start - start


def _is_comment(text: str) -> bool:
    """Whether the rest of a line says nothing."""
    return not text.strip(_BLANK) or (text[:1] in " \t" and _is_all_comment(text))


def _is_all_comment(line: str) -> bool:
    return line.lstrip(_BLANK).startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _before_break(text: str, end: int) -> int:
    """Where a line that ends at an offset has its line break."""
    return end - 1 if text[end - 1 : end] == "\r" else end


def _newline(source: Source, at: int) -> str:
    """The line break of a file, as the line of an offset has it."""
    end = source.text.find("\n", at)
    end = source.text.find("\n") if end < 0 else end
    return "\r\n" if end > 0 and source.text[end - 1] == "\r" else "\n"
