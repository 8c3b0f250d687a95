"""A repository in memory, for tests that need no files."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from scanner.discover import kind_of
from scanner.engine import AnyRule
from scanner.graph.build import build
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.document import parse
from scanner.parse.yaml import compose
from scanner.policy.files import MAX_BYTES
from scanner.policy.load import FILE_NAMES, load_policies
from scanner.policy.options import read_options
from scanner.policy.policy import Policy

NOW = date(2026, 11, 22)
KNOWLEDGE = Knowledge()


def repository(files: dict[str, str]) -> tuple[Graph, tuple[Problem, ...]]:
    """The graph of files given as path and text, and the problems of reading them."""
    parsed = [
        parse(Source(path, kind, text)) for path, text in sorted(files.items()) if (kind := kind_of(path))
    ]
    problems = tuple(problem for one in parsed for problem in one.problems)
    return build((one.document for one in parsed if one.document is not None), KNOWLEDGE), problems


def options_of(rule: AnyRule, values: dict[str, Any]) -> Any:
    """The options of a rule from plain data, through the same checks as a policy's."""
    node = compose(Source("options", "policy", json.dumps(values)), [])
    assert node is not None
    return rule.options(**read_options(rule, node)) if values else rule.options()


class Kept:
    """Files of policies that are kept in memory, see `scanner.policy.files.Files`."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def real(self, file: Path) -> str:
        return str(file)

    def may_extend(self, file: Path) -> bool:
        return True

    def holds(self, file: Path) -> bool:
        return str(file) in self._files

    def has(self, file: Path) -> bool:
        return self.holds(file)

    def data(self, file: Path, most: int = MAX_BYTES) -> bytes:
        return self._files[str(file)].encode("utf-8")


def policy_of(files: dict[str, str]) -> Policy | None:
    """The policy among files given as path and text, None where there is none."""
    found = [(Path(name), str(name)) for name in FILE_NAMES if name in files]
    return load_policies(found, where=Kept(files)) if found else None
