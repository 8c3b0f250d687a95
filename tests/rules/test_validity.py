"""What GitHub's own parser says of the workflows in its test suite, and what our rules say."""

import json
import re
from pathlib import PurePosixPath

import pytest

from scanner.engine import Context, load, places
from tests.memory import KNOWLEDGE, NOW, repository
from tests.support import SHARED

SUITE = SHARED / "oracles" / "workflow-parser"
RULES = [
    rule
    for place in places().values()
    if place.subject == "validity" and "validity" in (rule := load(place)).tags
]


def cases() -> list[tuple[str, dict[str, str], bool]]:
    """Name, files, whether GitHub refuses them. Workflows of other repositories become local ones."""
    if not SUITE.is_dir():
        return []
    found = []
    for row in json.loads((SUITE / "index.json").read_text("utf-8"))["cases"]:
        # Left out: what needs limits or defaults that no file carries, and what the parsers disagree on.
        if row["errors"] is None or row["special_limits"] or "TypeScript" in row["skipped_by"]:
            continue
        parts = re.split(
            r"^---[ \t]*$", (SUITE / "reader" / row["file"]).read_text("utf-8"), flags=re.MULTILINE
        )
        names = {
            name.strip(): f"called-{PurePosixPath(name.strip().partition('@')[0]).name}"
            for name in parts[2:-1:2]
        }
        files = {f".github/workflows/{row['file']}": parts[1]}
        files |= {
            f".github/workflows/{local}": text
            for local, text in zip(names.values(), parts[3:-1:2], strict=True)
        }
        for path, text in files.items():
            for name, local in names.items():
                text = text.replace(name, f"./.github/workflows/{local}")
            files[path] = text.lstrip("\n")
        found.append((row["file"], files, bool(row["errors"])))
    return found


CASES = cases()


@pytest.mark.skipif(not CASES, reason="the parser's test suite is not beside the checkout")
@pytest.mark.parametrize(("files", "refused"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_as_githubs_parser(files: dict[str, str], refused: bool) -> None:
    graph, problems = repository(files)
    said = [problem.message for problem in problems]
    for rule in RULES:
        context = Context(graph, problems, KNOWLEDGE, NOW, rule.options())
        said += [getattr(answer, "message", "") for answer in rule.check(context)]
    assert bool(said) == refused, said
