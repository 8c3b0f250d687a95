"""Edits of files that leave what they say as it was: lines move, notation changes, steps come before others, locks and pins are
updated. Each is a function of a text (and of what kind of file it is) that answers with another text."""

import json
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final

from scanner.discover import LOCKS
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.yaml import compose

YAML: Final = frozenset(("workflow", "action", "dependabot", "pre-commit"))
LINES: Final = frozenset(("nix-conf", "code-owners"))

Texts = dict[str, tuple[str, str]]
"""The files of a repository: kind and text by path."""

_Patch = tuple[int, int, str]


def moved(kind: str, text: str) -> str:
    """Lines move: comments above, blank lines between."""
    if kind in YAML:
        return _between_keys(text)
    if kind in LINES:
        return "".join(f"# a remark\n\n{line}" for line in text.splitlines(keepends=True))
    if kind == "flake-nix":
        return f"# a remark\n\n\n{text}\n\n"
    return text


def requoted(kind: str, text: str) -> str:
    """Texts without quotes get some, and others the other ones."""
    if kind not in YAML:
        return text
    patches: list[_Patch] = []
    for node, flow in _values(text):
        raw = text[node.start : node.end]
        if not isinstance(node, Scalar) or "\n" in raw or not raw or raw[0] in "&*!|>":
            continue
        if node.plain and node.value == raw and not flow and _is_text(raw):
            patches.append((node.start, node.end, "'" + raw.replace("'", "''") + "'"))
        elif raw[0] == "'" and "''" not in raw and "\\" not in raw and '"' not in raw:
            patches.append((node.start, node.end, f'"{raw[1:-1]}"'))
    return _patched(text, patches)


def tight(kind: str, text: str) -> str:
    """The expressions lose the white space at their ends."""
    if kind not in ("workflow", "action"):
        return text
    return re.sub(r"\$\{\{[ \t]*([^\s'{}][^\n'{}]*?)[ \t]*\}\}", r"${{\1}}", text)


def in_blocks(kind: str, text: str) -> str:
    """Lists and mappings in brackets stand below their keys instead."""
    if kind not in YAML:
        return text
    patches: list[_Patch] = []
    for key, value in _block_pairs(text):
        raw = text[value.start : value.end]
        rest = text[value.end :].partition("\n")[0]
        if (
            isinstance(value, Scalar)
            or raw[:1] not in ("[", "{")
            or "\n" in raw
            or rest.strip()
            or "#" in raw
        ):
            continue
        indent = " " * (_column(text, key.start) + 2)
        if isinstance(value, Sequence):
            lines = [f"{indent}- {text[item.start : item.end]}" for item in value.items]
        else:
            lines = [
                f"{indent}{text[name.start : name.end]}: {text[item.start : item.end]}"
                for name, item in value.pairs
            ]
        begin = text.rfind(":", key.end - 1, value.start) + 1
        if lines and text[begin : value.start].strip() == "":
            patches.append((begin, value.end, "\n" + "\n".join(lines)))
    return _patched(text, patches)


def rewritten(kind: str, text: str) -> str:
    """A lock as another writer of JSON puts it: other indentation, other order of keys."""
    found = _json(kind, text)
    return text if found is None else json.dumps(_reversed(found), indent=7, ensure_ascii=False) + "\n"


def with_steps(kind: str, text: str) -> str:
    """Each job, and each composite action, gets a step before its first one."""
    if kind not in ("workflow", "action"):
        return text
    patches: list[_Patch] = []
    for key, value in _block_pairs(text):
        if key.value != "steps" or not isinstance(value, Sequence) or not value.items:
            continue
        dash = text.rfind("-", key.end, value.items[0].start)
        line = text.rfind("\n", 0, dash) + 1
        if dash < 0 or text[line:dash].strip() or _aliased(text):
            continue
        indent = " " * (dash - line)
        step = f"{indent}- name: An unrelated step\n{indent}  run: echo hello\n{indent}  shell: bash\n"
        patches.append((line, line, step))
    return _patched(text, patches)


def with_lines(kind: str, text: str) -> str:
    """Each script of several lines gets one before its first, where a shell reads it."""
    if kind not in ("workflow", "action") or "shell:" in text:
        return text
    return re.sub(r"(?m)^([ -]*)run: \|\n(\s+)", r"\1run: |\n\2true\n\2", text)


def jobs_reversed(kind: str, text: str) -> str:
    """The jobs stand in the opposite order."""
    if kind != "workflow" or _aliased(text):
        return text
    root = compose(Source("x", kind, text), [])
    jobs = root.get("jobs") if isinstance(root, Mapping) else None
    if not isinstance(jobs, Mapping) or len(jobs.pairs) < 2 or text[jobs.start] == "{":
        return text
    starts = [text.rfind("\n", 0, key.start) + 1 for key, _ in jobs.pairs]
    later = [
        text.rfind("\n", 0, key.start) + 1
        for key, _ in (root.pairs if isinstance(root, Mapping) else ())
        if key.start > starts[-1]
    ]
    end = min(later, default=len(text))
    bounds = [*starts, end]
    blocks = [text[begin:stop].rstrip("\n") + "\n" for begin, stop in zip(starts, bounds[1:], strict=True)]
    return text[: starts[0]] + "".join(reversed(blocks)) + text[end:]


def bumped(texts: Texts) -> Texts:
    """Everything is updated: commits and hashes, wherever they are named, are other ones, dates are later, version comments are of
    the next patch."""
    return {path: (kind, _bumped(kind, text)) for path, (kind, text) in texts.items()}


def relabelled(kind: str, text: str) -> str:
    """The nodes of a lock are numbered anew, as Nix does when an input comes or goes."""
    found = _json(kind, text)
    if kind != "flake-lock" or found is None or not isinstance(found.get("nodes"), dict):
        return text
    nodes, root = found["nodes"], found.get("root")
    names = {label: label if label == root else f"{label}_9" for label in nodes}
    if any(not isinstance(node, dict) for node in nodes.values()):
        return text
    for node in nodes.values():
        inputs = node.get("inputs")
        if isinstance(inputs, dict):
            node["inputs"] = {
                name: names.get(target, target) if isinstance(target, str) else target
                for name, target in inputs.items()
            }
    found["nodes"] = {names[label]: node for label, node in nodes.items()}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def each(edit: Callable[[str, str], str]) -> Callable[[Texts], Texts]:
    """An edit of a file, done to all of them."""
    return lambda texts: {path: (kind, edit(kind, text)) for path, (kind, text) in texts.items()}


EDITS: Final[dict[str, Callable[[Texts], Texts]]] = {
    "lines move": each(moved),
    "other quotes": each(requoted),
    "blocks for brackets": each(in_blocks),
    "JSON of another writer": each(rewritten),
    "a step before the others": each(with_steps),
    "a line before each script": each(with_lines),
    "jobs in the opposite order": each(jobs_reversed),
    "expressions without spaces": each(tight),
    "updates": bumped,
    "labels are numbered anew": each(relabelled),
}
"""The edits by their names."""


# ---------------------------------------------------------------- YAML


def _walk(text: str) -> Iterator[tuple[Scalar | None, Node, bool]]:
    """Every value with its key (None: it has none), and whether it stands in brackets; what an alias repeats, once."""
    root = compose(Source("x", "x", text), [])
    waiting: list[tuple[Scalar | None, Node, bool]] = [(None, root, False)] if root is not None else []
    seen: set[int] = set()
    while waiting:
        key, node, flow = waiting.pop()
        if node.start in seen and not isinstance(node, Scalar):
            continue
        yield key, node, flow
        if not isinstance(node, Scalar):
            seen.add(node.start)
        inside = flow or (not isinstance(node, Scalar) and text[node.start : node.start + 1] in ("[", "{"))
        if isinstance(node, Mapping):
            waiting += [(name, value, inside) for name, value in node.pairs]
        elif isinstance(node, Sequence):
            waiting += [(None, item, inside) for item in node.items]


def _values(text: str) -> Iterator[tuple[Node, bool]]:
    return ((node, flow) for _, node, flow in _walk(text))


def _block_pairs(text: str) -> Iterator[tuple[Scalar, Node]]:
    return ((key, node) for key, node, flow in _walk(text) if key is not None and not flow)


def _between_keys(text: str) -> str:
    """A blank line before each key that begins a line; a remark above all."""
    starts = set()
    for key, _ in _block_pairs(text):
        line = text.rfind("\n", 0, key.start) + 1
        # A comment above belongs to the key, and so may one that speaks to a tool.
        if (
            not text[line : key.start].strip(" -")
            and "#" not in text[text.rfind("\n", 0, max(line - 1, 0)) + 1 : line]
        ):
            starts.add(line)
    spaced = _patched(text, [(at, at, "\n") for at in starts])
    return spaced if text.startswith(("%", "---", "#")) else f"# a remark\n\n{spaced}"


def _is_text(raw: str) -> bool:
    return re.fullmatch(r"[A-Za-z./_][^#:]*", raw) is not None and raw.lower() not in (
        "true", "false", "null", "yes", "no", "on", "off", ".inf", ".nan",
    )  # fmt: skip


def _aliased(text: str) -> bool:
    return re.search(r"(?m)[:-]\s+[&*]\w", text) is not None


def _column(text: str, offset: int) -> int:
    return offset - (text.rfind("\n", 0, offset) + 1)


def _patched(text: str, patches: list[_Patch]) -> str:
    for start, end, new in sorted(set(patches), reverse=True):
        text = text[:start] + new + text[end:]
    return text


# ---------------------------------------------------------------- locks and pins


def _json(kind: str, text: str) -> dict[str, Any] | None:
    """A lock as data; None for what is none, or says a key twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    if kind not in LOCKS:
        return None
    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(item) for name, item in reversed(value.items())}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


_COMMIT: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{40}(?![0-9A-Za-z])")
_HASH: Final = re.compile(r"sha256-[A-Za-z0-9+/]{43}=")
_DATE: Final = re.compile(r'("lastModified": *)(\d+)')
_VERSION: Final = re.compile(r"(# *v?\d+\.\d+\.)(\d+)\b")


def _bumped(kind: str, text: str) -> str:
    from base64 import b64encode

    text = _COMMIT.sub(lambda found: sha256(found[0].encode()).hexdigest()[:40], text)
    text = _HASH.sub(
        lambda found: f"sha256-{b64encode(sha256(found[0].encode()).digest()).decode('ascii')}", text
    )
    text = _DATE.sub(lambda found: f"{found[1]}{int(found[2]) + 60}", text)
    return _VERSION.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", text) if kind in YAML else text
