"""What others write into the environment of the later steps of a job: variables and folders of programs."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.scripts.env_files import FILES
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.kept_texts import Argument, calls
from scanner.analysis.taint.lines import one_line
from scanner.analysis.taint.origin import Scope
from scanner.analysis.taint.printed import Said, can_command, printing_of
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.weight import Weighed, rank, weigh
from scanner.analysis.taint.writes import Part, written
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Workflow

UNSECURE: Final = "ACTIONS_ALLOW_UNSECURE_COMMANDS"
_SETS: Final = re.compile(r"\bcore\.(exportVariable|addPath)\(")
_WRITES: Final = re.compile(r"(?<![\w])(write|print)\(")
_ENTRY: Final = re.compile(r"\s*([A-Za-z_][\w-]*)=")
_CODE: Final = frozenset(
    """
    _java_options bash_env browser build_rustc_wrapper bundle_gemfile cargo_build_rustc_wrapper cc classpath cxx dyld_insert_libraries
    editor env gcc_exec_prefix git_askpass git_config_global git_config_system git_editor git_exec_path git_external_diff git_pager
    git_proxy_command git_ssh git_ssh_command goflags gradle_opts java_tool_options jdk_java_options ld ld_audit
    ld_library_path ld_preload lessopen makeflags maven_opts nix_config node_path npm_config_script_shell pager path perl5db
    perl5lib perl5opt pip_config_file prompt_command pythonhome pythonpath pythonstartup rubylib rubyopt rustc rustc_wrapper
    rustflags shell ssh_askpass visual
    """.split()
)
"""Variables (lower case) whose value alone makes common programs run code (their manuals). NODE_OPTIONS is none of them: the runner
refuses it."""


class Injected(NamedTuple):
    """A text of others that gets into `file` at `at`. `name` is the variable whose value it stands in, None where it makes lines
    of its own. `harmless` says that as far as is known they decide only the value, of a variable that runs nothing. `ends` is the word that ends a value of several lines."""

    at: Span
    file: str
    part: Part
    name: str | None
    said: Said
    weighed: Weighed
    harmless: bool
    ends: str = ""


@per_graph
def injections(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> tuple[Injected, ...]:
    """What others set for the steps behind a step: for every place the worst."""
    found: dict[Span, Injected] = {}
    for one in _all(graph, knowledge, taint, node):
        known = found.get(one.at)
        if known is None or _rank(one) > _rank(known):
            found[one.at] = one
    return tuple(found.values())


def _rank(one: Injected) -> tuple[bool, tuple[int, int]]:
    return not one.harmless, rank(one.weighed)


def _all(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> Iterator[Injected]:
    if node.step.run is not None:
        for one in written(graph, taint, node, FILES):
            runs = one.file == "GITHUB_PATH" or (one.name or "").lower() in _CODE
            title = one.part == "value" and one.said.line is None
            if one.part == "value" and not runs and not title:
                continue
            weighed = weigh(taint, node, one.said.origin, one.said.tree)
            harmless = one.part == "value" and not runs
            if weighed is None or (harmless and weighed.weight != "anybody"):
                continue
            yield Injected(one.at, one.file, one.part, one.name, one.said, weighed, harmless, one.ends)
        if "python" in (shell_of(node).name or ""):
            yield from _of_python(taint, node, node.step.run.script)
        if _allows_commands(node):
            yield from _printed(graph, taint, node)
    elif node.step.call is not None:
        yield from _of_action(graph, knowledge, taint, node)


def _allows_commands(node: StepNode) -> bool:
    """Whether `::set-env` and `::add-path` are obeyed in all that a step prints."""
    blocks = [node.step.env, node.job.env if node.job is not None else None]
    blocks.append(node.owner.env if isinstance(node.owner, Workflow) else None)
    values = (block.get(UNSECURE) for block in blocks if block is not None)
    return next((one.value.strip().lower() == "true" for one in values if one is not None), False)


def _printed(graph: Graph, taint: Taint, node: StepNode) -> Iterator[Injected]:
    """What others write at the beginning of a line that a step prints."""
    printing = printing_of(graph, taint, node)
    for index in printing.printing(0, len(printing.found), ()):
        for printed in printing.of(index):
            for said in printed.said:
                weighed = weigh(taint, node, said.origin, said.tree) if can_command(printed, said) else None
                if weighed is not None:
                    yield Injected(printed.at, "GITHUB_ENV", "lines", None, said, weighed, False)


def _of_action(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> Iterator[Injected]:
    """What actions that load files of variables bring in."""
    call = node.step.call
    if call is None or not isinstance(call.target, RepositoryUse):
        return
    if call.target.slug == "actions/github-script":
        script = call.inputs.get("script")
        if script is not None and ("exportVariable" in script.value or "addPath" in script.value):
            yield from _of_javascript(taint, node, script)
        return
    loads = knowledge.text_sinks.environment(call.target.slug)
    if loads is None:
        return
    at = call.text.content.first_line()
    for name in loads:
        value = call.inputs.get(name)
        if value is None:
            continue
        scope = Scope(node.owner, node.job, node.step)
        for origin in taint.origins.of_text(value, scope):
            weighed = weigh(taint, node, origin)
            if weighed is not None:
                said = Said(origin, one_line(origin))
                place = value.content.first_line()
                yield Injected(place, "GITHUB_ENV", "lines", None, said, weighed, False)
    if loads:
        return
    printing = printing_of(graph, taint, node)
    for tree in taint.workspace.before(node):
        said = Said(printing.of_files(tree), False, tree)
        weighed = weigh(taint, node, said.origin, tree)
        if weighed is not None:
            yield Injected(at, "GITHUB_ENV", "lines", None, said, weighed, False)


def _of_javascript(taint: Taint, node: StepNode, script: Scalar) -> Iterator[Injected]:
    """What a script sets by the toolkit, which lets no value become a line of its own."""
    for found in calls(script.source.text, script.start, script.end, _SETS):
        first = found[0]
        path = first.name == "addPath"
        text = script.source.text
        fixed = text[first.start : first.end].strip()[1:-1] == first.begins
        runs = fixed and first.begins.lower() in _CODE
        if path:
            yield from _given(taint, node, script, first, "GITHUB_PATH", "lines", None)
        elif not first.begins:
            yield from _given(taint, node, script, first, "GITHUB_ENV", "lines", None)
        elif runs and len(found) > 1:
            yield from _given(taint, node, script, found[1], "GITHUB_ENV", "value", first.begins)


def _of_python(taint: Taint, node: StepNode, script: Scalar) -> Iterator[Injected]:
    """What a script in Python writes to the one of the files that it names."""
    files = [file for file in FILES if file in script.value]
    if len(files) != 1 or "GITHUB_OUTPUT" in script.value or "GITHUB_STEP_SUMMARY" in script.value:
        return
    path = files[0] == "GITHUB_PATH"
    for found in calls(script.source.text, script.start, script.end, _WRITES):
        text = script.source.text[found[0].start : found[-1].end]
        if found[0].name == "print" and "file" not in text:
            continue
        entry = _ENTRY.match(found[0].begins)
        name = entry[1] if entry is not None and not path else None
        part: Part = "lines" if path or name is None else "value"
        yield from _given(taint, node, script, found[0], files[0], part, name)


def _given(
    taint: Taint, node: StepNode, script: Scalar, given: Argument, file: str, part: Part, name: str | None
) -> Iterator[Injected]:
    """What others have of an argument: a text that is no line for sure makes entries of its own out of a value in Python."""
    at = Span(script.source, given.start, given.end)
    at = Span(script.source, given.start + len(at.text) - len(at.text.lstrip()), given.end).first_line()
    python = node.step.run is not None
    runs = file == "GITHUB_PATH" or (name or "").lower() in _CODE
    for origin in taint.origins.of_code(script, at, Scope(node.owner, node.job, node.step)):
        line = one_line(origin)
        kind: Part = "lines" if part == "value" and python and line is False else part
        harmless = kind == "value" and not runs
        if harmless and line is not None:
            continue
        weighed = weigh(taint, node, origin)
        if weighed is not None and not (harmless and weighed.weight != "anybody"):
            yield Injected(at, file, kind, name, Said(origin, line), weighed, harmless)
