"""A repository in memory, for tests that need no files."""

import json
from datetime import date
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
from scanner.policy.options import read_options

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
