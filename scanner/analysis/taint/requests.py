"""Requests of which others decide where they go: the server, or the path on a server that is given a secret."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from scanner.analysis.scripts.filled_in import fixed_start
from scanner.analysis.taint.arguments import arguments, hands_over, place_of, takes_value
from scanner.analysis.taint.inputs import decided
from scanner.analysis.taint.kept_texts import calls
from scanner.analysis.taint.lines import starts_with
from scanner.analysis.taint.origin import Origin, Scope
from scanner.analysis.taint.printed import Said, printing_of
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.weight import Weighed, rank, weigh, weigh_all
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

Part = Literal["server", "path", "call"]
"""What others decide: the server; the path on a server; which call of GitHub's API is made."""

_CLIENTS: Final = frozenset(("curl", "wget", "http", "https", "xh", "aria2c", "iwr", "irm"))
_CMDLETS: Final = frozenset(("invoke-webrequest", "invoke-restmethod"))
_NAMES: Final = ("curl", "wget", "gh api", "git", "http", "nvoke-", "iwr", "irm", "xh", "aria2c")
_FETCHES: Final = re.compile(r"(?<![\w.$])(fetch|axios(?:\.(?:get|post|put|request))?)\(")
_TOKEN: Final = re.compile(r"\bauthorization\b|\bbearer\b|x-api-key|private-token", re.I)
_ADDRESS: Final = frozenset(("--url", "-uri"))
_SERVER: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*$", re.I)
_PATH: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]+/[^?#]*$", re.I)
# No `..` and no `//` gets into these.
_FLAT: Final = frozenset(("login", "ref", "head_ref", "head_branch", "default_branch", "label", "email"))


class Request(NamedTuple):
    """`secret` says that the command hands over something that proves who asks."""

    at: Span
    program: str
    part: Part
    secret: bool
    origin: Origin
    weighed: Weighed


def requests(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> Iterator[Request]:
    """The requests of a step of which others decide where they go."""
    run, call = node.step.run, node.step.call
    if run is not None:
        if "$" in run.script.value and any(name in run.script.value for name in _NAMES):
            yield from _of_script(graph, knowledge, taint, node)
    elif call is not None and isinstance(call.target, RepositoryUse):
        script = call.inputs.get("script") if call.target.slug == "actions/github-script" else None
        if script is not None and ("fetch" in script.value or "axios" in script.value):
            yield from _of_javascript(taint, node, script)
        urls = knowledge.text_sinks.urls(call.target.slug)
        for entry in call.inputs.entries if urls else ():
            part = _part(entry.value.value.partition("${{")[0].strip())
            if entry.key.value.lower() not in urls or part is None:
                continue
            for at, origin, weighed in decided(taint, node, entry.value):
                if part == "server" or not _is_flat(origin):
                    yield Request(at, call.target.name, part, False, origin, weighed)


def _of_script(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> Iterator[Request]:
    printing = printing_of(graph, taint, node)
    options: set[Span] | None = None
    for index, ran in enumerate(printing.found):
        command = ran.command
        client = _client(command)
        if client is None:
            continue
        secret = client == "gh api" or hands_over(command)
        for word, part in _addresses(command, client):
            bare = not fixed_start(word.text)
            parts: dict[Part, list[Said]] = {}
            for one in printing.said(index, word):
                # Of a variable alone, what it was made with says what others decide.
                start = starts_with(one.origin) if bare and one.first else ""
                theirs = part if not start or client == "gh api" else _part(start)
                if theirs is None or (bare and (not one.first or (start and client == "gh api"))):
                    continue
                if theirs == "server" or not _is_flat(one.origin):
                    parts.setdefault(theirs, []).append(one)
            worst: Part = "server" if "server" in parts else next(iter(parts), part)
            found = weigh_all(taint, node, parts.get(worst, ()))
            if found is None:
                continue
            at = place_of(ran, word)
            if options is None:
                options = {one.at for one in arguments(graph, knowledge, taint, node)}
            if at not in options:
                yield Request(at, client, worst, secret, found[1].origin, found[0])


def _of_javascript(taint: Taint, node: StepNode, script: Scalar) -> Iterator[Request]:
    """What a script of `actions/github-script` asks servers for."""
    for found in calls(script.source.text, script.start, script.end, _FETCHES):
        address = found[0]
        text = script.source.text
        part = _part(address.begins)
        if part is None:
            continue
        start = (
            address.start
            + len(text[address.start : address.end])
            - len(text[address.start : address.end].lstrip())
        )
        at = Span(script.source, start, address.end)
        rest = text[address.end : found[-1].end]
        secret = _TOKEN.search(rest) is not None
        best: Request | None = None
        for origin in taint.origins.of_code(script, at, Scope(node.owner, node.job, node.step)):
            weighed = weigh(taint, node, origin) if part == "server" or not _is_flat(origin) else None
            if weighed is not None and (best is None or rank(weighed) > rank(best.weighed)):
                best = Request(at.first_line(), address.name, part, secret, origin, weighed)
        if best is not None:
            yield best


def _client(command: "Command") -> str | None:
    name = command.program.lower()
    if name in _CLIENTS or name in _CMDLETS:
        return name
    if command.texts[:2] == ("gh", "api"):
        return "gh api"
    if name == "git" and any(verb in command.texts[1:5] for verb in ("clone", "ls-remote")):
        return "git"
    return None


def _addresses(command: "Command", client: str) -> "Iterator[tuple[Word, Part]]":
    """The words that say where a request goes, as far as others may decide that."""
    words = command.words[2:] if client == "gh api" else command.words[1:]
    before, positional = "", 0
    for word in words:
        text = word.text
        option = text.startswith("-") and text not in ("-", "--")
        takes = takes_value(before)
        address = not option and (not takes or before.lower() in _ADDRESS)
        before = text
        if not address or text == "--":
            continue
        positional += 1
        if client == "git" and positional < 2:  # `clone`
            continue
        if client == "git" and positional > 2:
            return
        if not word.computed:
            continue
        start = fixed_start(text)
        if client == "gh api":
            yield word, "call" if not start.strip("/") else "path"
            return
        part = _part(start)
        if part is not None:
            yield word, part


def _part(start: str) -> Part | None:
    """What of an address others decide who write what stands behind its beginning."""
    if not start or _SERVER.match(start):
        return "server"
    return "path" if _PATH.match(start) else None


def _is_flat(origin: Origin) -> bool:
    """Whether no text of this kind can leave the path that it is put into."""
    return origin.path[-1] in _FLAT
