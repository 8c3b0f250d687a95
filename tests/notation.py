"""YAML that says the same in other notations, at random: comments, blank lines, quotes, brackets, tags, anchors, line breaks.

Each change is a function of a text that answers with another one, which may say something else, or be none; `reworded` keeps what says
the same.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Final

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.yaml import compose

Said = tuple[object, tuple[str, ...]]
"""What a text says, and what is wrong with it."""


def said(text: str) -> Said:
    problems: list[Problem] = []
    root = compose(Source("a.yml", "workflow", text), problems)
    return plain(root, null=""), tuple(problem.message for problem in problems)


def plain(node: Node | None, null: str | None = None) -> object:
    """A value without its places; `null` stands for every spelling of null, which are kept where there is none."""
    match node:
        case Scalar():
            return null if null is not None and node.is_null else node.value
        case Sequence():
            return [plain(item, null) for item in node.items]
        case Mapping():
            return {key.value: plain(item, null) for key, item in node.pairs}
    return None


def reworded(random: Random, text: str, changes: int) -> str:
    """A text after some changes, each of which leaves what it says as it was."""
    meant = said(text)
    for _ in range(changes):
        changed = random.choice(CHANGES)(random, text)
        text = changed if said(changed) == meant else text
    return text


def _inserted(text: str, at: int, more: str) -> str:
    return text[:at] + more + text[at:]


def _behind_a_line(random: Random, text: str) -> str:
    ends = [at for at, char in enumerate(text) if char == "\n" and text[at - 1 : at] != "\r"]
    more = (
        " # c",
        "\t# c",
        " # 'x",
        " # {[",
        "  ",
        " # x\u2028y",
        " # x\x85",
        "\r",
        " # x\r",
        "\r\n",
        " # \u00a0",
    )
    return _inserted(text, random.choice(ends), random.choice(more)) if ends else text


def _between_lines(random: Random, text: str) -> str:
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    line = random.choice(("", "", "# c", "#", "# k: v", "# [")) + "\n"
    return _inserted(text, random.choice(starts), " " * random.randrange(15) + line)


def _ends(random: Random, text: str) -> str:
    changed = (
        text.rstrip("\n"),
        text.rstrip("\n") + "\n# end",
        text + "\n\n  \n",
        text + "...\n",
        f"---\n{text}",
        f"--- # x\n{text}",
        "".join(f"  {line}" for line in text.splitlines(keepends=True)),
        text.replace("\r\n", "\n").replace("\n", "\r\n"),
    )
    return random.choice(changed)


def _nodes(text: str) -> list[tuple[Scalar | None, Node]]:
    """All nodes with their keys; those that an alias leads to are there again."""
    root = compose(Source("a.yml", "workflow", text), [])
    waiting: list[tuple[Scalar | None, Node]] = [(None, root)] if root is not None else []
    found: list[tuple[Scalar | None, Node]] = []
    while waiting and len(found) < 10_000:
        key, node = waiting.pop()
        found.append((key, node))
        if isinstance(node, Mapping):
            waiting += node.pairs
        elif isinstance(node, Sequence):
            waiting += [(None, item) for item in node.items]
    return found


def _one(random: Random, text: str, *kinds: type[Node]) -> tuple[Scalar | None, Node] | None:
    found = [(key, node) for key, node in _nodes(text) if isinstance(node, kinds) and node.end > node.start]
    return random.choice(found) if found else None


def _column(key: Scalar) -> int:
    return key.start - key.source.text.rfind("\n", 0, key.start) - 1


def _quoted(random: Random, text: str) -> str:
    found = _one(random, text, Scalar)
    if found is None:
        return text
    key, node = found
    one = key if key is not None and random.random() < 0.5 else node
    assert isinstance(one, Scalar)
    new = random.choice(
        (_single(one.value), json.dumps(one.value), json.dumps(one.value).replace("e", "\\x65"))
    )
    return text[: one.start] + new + text[one.end :]


def _single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _tagged(random: Random, text: str) -> str:
    found = _one(random, text, Scalar, Sequence, Mapping)
    if found is None:
        return text
    key, node = found
    tag = {Scalar: "!!str", Sequence: "!!seq", Mapping: "!!map"}[type(node)]
    tag = random.choice((tag, "&-p", "&p_1"))
    if key is not None and not isinstance(node, Scalar) and text[node.start] not in "[{":
        return _inserted(text, text.find(":", key.end) + 1, f" {tag}")
    return _inserted(text, node.start, f"{tag} ")


def _in_brackets(random: Random, text: str) -> str:
    found = _one(random, text, Sequence, Mapping)
    if found is None:
        return text
    key, node = found
    if key is None:
        return text
    start = text.find(":", key.end, node.start) + 1
    end = "\n" if text[node.end - 1] == "\n" else ""
    return f"{text[:start]} {_flow(random, node, random.random() < 0.5)}{end}{text[node.end :]}"


def _flow(random: Random, node: Node, lines: bool) -> str:
    comment = random.choice(("", "", " # c", "# c")) if lines else ""
    space, line = random.choice(("", " ")), "\n      " if lines else ""
    match node:
        case Scalar():
            free = node.plain and node.value == node.raw and not set(node.value) & set(",[]{}")
            return node.value if free else random.choice((json.dumps(node.value), _single(node.value)))
        case Sequence():
            items = [_flow(random, item, lines) for item in node.items]
            items = [_without_braces(item) if random.random() < 0.5 else item for item in items]
            return f"[{space}{comment}{line}{f',{comment}{line} '.join(items)}{space}{line}]"
    pairs = [
        f"{random.choice((key.raw, json.dumps(key.value)))}: {_flow(random, item, lines)}"
        for key, item in node.pairs
    ]
    last = random.choice(("", "", ",")) if pairs else ""
    return f"{{{space}{comment}{line}{f', {comment}{line}'.join(pairs)}{last}{space}{line}}}"


def _without_braces(item: str) -> str:
    """`[a: b]` for `[{a: b}]`."""
    return item[1:-1].strip() if item.startswith("{") and item.count(":") == 1 else item


def _explicit(random: Random, text: str) -> str:
    found = _one(random, text, Scalar, Sequence, Mapping)
    if found is None or found[0] is None:
        return text
    key = found[0]
    colon = text.find(":", key.end)
    return f"{text[: key.start]}? {text[key.start : key.end]}\n{' ' * _column(key)}:{text[colon + 1 :]}"


def _below(random: Random, text: str) -> str:
    """A text on the line below its key, as it was, as a block or in quotes over two lines."""
    found = _one(random, text, Scalar)
    if found is None:
        return text
    key, node = found
    if key is None or not isinstance(node, Scalar):
        return text
    margin = "\n" + " " * (_column(key) + random.randrange(1, 5))
    header = random.choice(("", " # c", "\n# c", "|-", ">-", "|- # c", "!!str |-", "&b >-"))
    before = text[: node.start] if header.strip(" #c\n") else text[: node.start].rstrip(" ")
    if " " in node.value and random.random() < 0.3:
        new = json.dumps(node.value.replace(" ", "\n", 1)).replace("\\n", "\n" + " " * random.randrange(12))
        return text[: node.start] + new + text[node.end :]
    return f"{before}{header}{margin}{node.value if header.strip(' #c') else node.raw}{text[node.end :]}"


def _aliased(random: Random, text: str) -> str:
    """An alias for one of two equal texts."""
    places: dict[str, list[Node]] = {}
    for _, node in _nodes(text):
        if isinstance(node, Scalar) and node.raw and node.raw[0] not in "|>":
            places.setdefault(node.value, []).append(node)
    several = [sorted(nodes, key=lambda one: one.start) for nodes in places.values() if len(nodes) > 1]
    if not several:
        return text
    first, *_, last = random.choice(several)
    name = random.choice(("-p", "p", "_x", "9"))
    between = text[first.start : last.start]
    return f"{text[: first.start]}&{name} {between}*{name}{random.choice(('', ' '))}{text[last.end :]}"


CHANGES: Final[tuple[Callable[[Random, str], str], ...]] = (
    _behind_a_line,
    _between_lines,
    _between_lines,
    _ends,
    _quoted,
    _quoted,
    _tagged,
    _in_brackets,
    _in_brackets,
    _explicit,
    _below,
    _aliased,
)
