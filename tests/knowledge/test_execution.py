"""The table of programs and actions that run what they find in a folder."""

import json
from pathlib import Path

from scanner.analysis.uses.controls import condition_of
from scanner.knowledge.execution import Runner, Tool
from scanner.knowledge.tables import DATA, Knowledge
from scanner.knowledge.text_sinks import Program

TABLE = json.loads((Path(DATA) / "poisonable-commands.json").read_text("utf-8"))
FACTS = Knowledge().execution


def test_names_are_as_they_are_asked_for() -> None:
    names = [row["action"] for row in TABLE["actions"]]
    assert names == [name.lower() for name in names]
    assert len(set(names)) == len(names)
    assert all(FACTS.runner(name) is not None for name in names)


def test_conditions_are_read() -> None:
    for row in TABLE["actions"]:
        runner = FACTS.runner(row["action"])
        assert runner is not None
        assert condition_of(runner.control) is not None


def test_a_program_has_one_answer_for_a_sub_command() -> None:
    for row in TABLE["tools"]:
        for program in row["programs"].split():
            verbs = [verb for tool in FACTS.tools(program) for verb in tool.verbs | tool.installs]
            assert len(set(verbs)) == len(verbs), program


def test_what_is_not_known_runs_nothing() -> None:
    assert FACTS.tools("antfoo") == []
    assert FACTS.runner("actions/checkout") is None


def test_every_word_of_the_table_is_a_field() -> None:
    assert {key for row in TABLE["tools"] for key in row} <= {"programs", *Tool._fields}
    assert {key for row in TABLE["actions"] for key in row} <= {"action", *Runner._fields}
    programs = json.loads((Path(DATA) / "text-sinks.json").read_text("utf-8"))["programs"]
    assert {key for row in programs.values() for key in row} <= {*Program._fields}
