"""Steps that ask an AI: what they tell it, what it can do, and whether they look at who started the run."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.scripts.commands import Ran, commands_of
from scanner.analysis.workflows.conditions import live_steps
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.agents import AgentAction, AgentProgram, Power
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Note
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

if TYPE_CHECKING:
    from scanner.parse.shell_words import Word

MAX_PROMPTS: Final = 50
"""Words of a command that are looked at."""

_RUNNERS: Final = {
    "npx": 1, "bunx": 1, "uvx": 1, "pipx run": 2, "pnpm dlx": 2, "yarn dlx": 2, "npm exec": 2, "pnpm exec": 2, "bun x": 2
}  # fmt: skip
"""Commands that run a program out of a package, with the number of their own words."""
_CAT: Final = re.compile(r"(?:\bcat|<)\s*[\"']?([^\s\"'()<>|;&]+)")
"""A file whose text becomes a word: `$(cat file)`, `$(< file)`."""
_SHELLS: Final = ("bash", "shell", "shelltool", "execute", "terminal", "run_shell_command")
_EDITS: Final = ("edit", "write", "mcp__github", "create", "update", "push", "gh ")
_PRINTS: Final = frozenset(("echo", "printf", "cat"))
_READING: Final = ("issue view", "pr view", "pr diff", "issue list", "pr list", "api")


class Told(NamedTuple):
    """A word of a command that is told to the model."""

    ran: Ran
    word: "Word"


class Agent(NamedTuple):
    """A step that asks a model; `at` is the action or command. `prompts` are inputs that the model is told, `words` those of a
    command, `fetched` a command whose output it is given to read. `can` is the most that it may do, `grant` the text that
    allows this. `reads`: it takes the issue or pull request along that started the run. `gated`: it refuses people without
    write access, which `opened` turns off. `files` are the files that it is told, with the texts that name them."""

    node: StepNode
    at: Span
    name: str
    prompts: tuple[Scalar, ...]
    words: tuple[Told, ...]
    fetched: Span | None
    can: Power
    grant: Note | None
    reads: bool
    gated: bool
    opened: Span | None = None
    files: tuple[tuple[Span, str], ...] = ()


@per_graph
def agents_of(graph: Graph, knowledge: Knowledge) -> tuple[Agent, ...]:
    """Every use of an AI that can run, in the order of the files."""
    found: list[Agent] = []
    for node in live_steps(graph):
        if node.step.call is not None:
            found += _of_call(node, node.step.call, knowledge)
        elif node.step.run is not None:
            text = node.step.run.script.value
            if any(word in text for word in knowledge.agents.first_words):
                found += _of_script(graph, node, knowledge)
    return tuple(found)


@per_graph
def _gated(graph: Graph, knowledge: Knowledge) -> frozenset[str]:
    return frozenset(one.node.id for one in agents_of(graph, knowledge) if one.gated)


def refuses_strangers(graph: Graph, knowledge: Knowledge, node: StepNode) -> bool:
    """Whether a step asks a model by an action that itself refuses people without write access, which is a check of who started
    the run as good as one in an `if:`."""
    return node.id in _gated(graph, knowledge)


# ---------------------------------------------------------------- actions


def _of_call(node: StepNode, call: Call, knowledge: Knowledge) -> Iterator[Agent]:
    use = call.target
    if not isinstance(use, RepositoryUse):
        return
    action = knowledge.agents.action(f"{use.slug}/{use.path.lower()}" if use.path else use.slug)
    if action is None:
        return
    prompts = (call.inputs.get(name) for name in action.prompts)
    can, grant = _power(call, action)
    inputs = (call.inputs.get(name) for name in action.opened)
    opened = next((one.content.first_line() for one in inputs if _anybody(one) and one is not None), None)
    yield Agent(
        node,
        call.text.content.first_line(),
        action.name,
        tuple(one for one in prompts if one is not None),
        (),
        None,
        can,
        grant,
        action.reads and not _told(call, "prompt"),
        action.gated and opened is None,
        opened,
        tuple(
            (one.content.first_line(), one.value)
            for name in action.files
            if (one := call.inputs.get(name)) is not None
        ),
    )


def _told(call: Call, name: str) -> bool:
    value = call.inputs.get(name)
    return value is not None and bool(value.value.strip())


def _anybody(value: Scalar | None) -> bool:
    return value is not None and "*" in value.value.replace(",", " ").split()


def _power(call: Call, action: AgentAction) -> tuple[Power, Note | None]:
    can, grant = action.can, None
    for name, levels in action.switches.items():
        value = call.inputs.get(name)
        level = levels.get(value.value.strip()) if value is not None else None
        if value is not None and level is not None and (level > can or grant is None):
            can, grant = level, _granted(value.content.first_line(), level)
    for name in action.options:
        value = call.inputs.get(name)
        if value is None:
            continue
        if any(word in value.value for word in action.limits):
            can = _of_tools(value.value)
            grant = None
        if action.program is not None:
            level, word = _of_options(value.value.replace("=", " ").split(), action.program)
            if level is not None and level > can:
                can, grant = level, _granted(_place(value, word), level)
    for name in action.tools:
        value = call.inputs.get(name)
        level = _of_tools(value.value) if value is not None else Power.ANSWERS
        if value is not None and level > can:
            can, grant = level, _granted(value.content.first_line(), level)
    return can, grant


def _granted(at: Span, level: Power) -> Note:
    return Note(at, "lets it run commands" if level is Power.COMMANDS else "lets it change things")


def _place(value: Scalar, word: str) -> Span:
    """Where a word stands in a text; its first line when it cannot be told."""
    content = value.content
    at = content.text.find(word)
    if at < 0:
        return content.first_line()
    start = content.start + at
    return Span(content.source, start, start + len(word))


def _of_options(words: list[str], program: AgentProgram) -> tuple[Power | None, str]:
    """The most that options of a program allow, and the option that does."""
    found: Power | None = None
    by = ""
    for index, raw in enumerate(words):
        word = raw.strip("\"',[]")
        level = program.flags.get(word)
        if level is None and word in program.values:
            levels = program.values[word]
            rest = words[index + 1 : index + 1 + MAX_PROMPTS]
            if levels is None:
                tools = []
                for one in rest:
                    if one.startswith("--"):
                        break
                    tools.append(one)
                level = _of_tools(" ".join(tools))
            elif rest:
                level = levels.get(rest[0].strip("\"',[]"))
        if level is not None and (found is None or level > found):
            found, by = level, word
    return found, by


def _of_tools(text: str) -> Power:
    """What names of tools allow. A shell that is held to single commands (`Bash(git diff:*)`) changes things at the most."""
    lower = text.lower()
    found = Power.READS
    for shell in _SHELLS:
        at = lower.find(shell)
        while at >= 0:
            before, rest = lower[max(0, at - 1) : at], lower[at + len(shell) :][:4]
            if not (before.isalnum() or before in ("_", "-") or rest[:1].isalnum()):
                if not rest.lstrip().startswith("(") or rest.startswith(("(*", "(:*")):
                    return Power.COMMANDS
                found = Power.WRITES
            at = lower.find(shell, at + 1)
    return Power.WRITES if any(word in lower for word in _EDITS) else found


# ---------------------------------------------------------------- command lines


def _of_script(graph: Graph, node: StepNode, knowledge: Knowledge) -> Iterator[Agent]:
    ran = commands_of(graph, node)
    for index, one in enumerate(ran):
        found = _program(one, knowledge)
        if found is None:
            continue
        program, first = found
        words = one.command.words
        texts = [word.text for word in words]
        if program.asks and program.asks.isdisjoint(texts[first:]):
            continue
        level, by = _of_options([part for text in texts[first:] for part in text.split("=", 1)], program)
        can = program.can if level is None else max(level, program.can)
        grant = None
        if level is not None and level > program.can:
            word = next((word for word in words if word.text.partition("=")[0] == by), words[0])
            grant = _granted(one.at(word), level)
        told = [
            Told(one, word)
            for word in words[first : first + MAX_PROMPTS]
            if word.computed or "${{" in word.text
        ]
        if one.command.input is not None:
            told.append(Told(one, one.command.input))
        fetched = None
        before = ran[index - 1] if index and one.command.pipe is not None else None
        if before is not None:
            if before.command.program in _PRINTS:
                told += [Told(before, word) for word in before.command.words[1:MAX_PROMPTS]]
                if before.command.input is not None:
                    told.append(Told(before, before.command.input))
            elif prints_foreign(before):
                fetched = before.whole()
        for earlier in ran[max(0, index - 4) : index]:
            inside = len(earlier.command.shell) > len(one.command.shell)
            if fetched is None and inside and earlier.command.words and prints_foreign(earlier):
                start = earlier.command.words[0].start
                if any(word.start <= start <= word.end for word in words):
                    fetched = earlier.whole()
        files = tuple(
            (one.at(word), match[1]) for word in words[first:] for match in _CAT.finditer(word.text)
        ) + tuple((one.at(way.target), way.target.text) for way in one.command.redirections if not way.writes)
        yield Agent(
            node, one.whole(), program.name, (), tuple(told), fetched, can, grant, False, False, None, files
        )


def _program(ran: Ran, knowledge: Knowledge) -> tuple[AgentProgram, int] | None:
    """The program that a command runs, and the number of words that name it."""
    texts = ran.command.texts
    if not texts:
        return None
    programs, packages = knowledge.agents.programs, knowledge.agents.packages
    first = ran.command.program
    skip = _RUNNERS.get(first) or _RUNNERS.get(" ".join((first, *texts[1:2])))
    if skip is not None:
        while skip < len(texts) and texts[skip].startswith("-"):
            skip += 1
        if skip == len(texts):
            return None
        package = texts[skip]
        at = package.rfind("@")
        name = packages.get(package[:at] if at > 0 else package) or package
        return (programs[name], skip + 1) if name in programs else None
    for name, size in ((" ".join((first, *texts[1:3])), 3), (" ".join((first, *texts[1:2])), 2), (first, 1)):
        if name in programs:
            return programs[name], size
    return None


def prints_foreign(ran: Ran) -> bool:
    """Whether a command prints an issue or a pull request, which others write."""
    texts = ran.command.texts
    if ran.command.program != "gh":
        return False
    verb = " ".join(texts[1:3])
    if texts[1:2] == ("api",):
        return any("/issues" in text or "/pulls" in text or "/comments" in text for text in texts[2:])
    return verb in _READING
