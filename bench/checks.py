"""How long 200 checks of a policy take over a repository whose graph has 5,000 nodes: reading the policy, and asking.

The repository and the checks are made up, always the same ones; a third of the checks ask of attributes, a third of lists, and a
third of paths (`reaches`, `reached-by`, `through`, `within`, `count`). Exits with 1 above the limit.
"""

import gc
import json
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from scanner.engine import Context, NoOptions
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Source
from scanner.pipeline import read_sources
from scanner.policy.load import load_policy

CHECKS: Final = 200
NODES: Final = 5_000
LIMIT: Final = 1.0
"""Seconds of this process."""

_NOW: Final = date(2026, 11, 22)
_WORKFLOWS, _JOBS, _STEPS = 30, 13, 11


def repository() -> Graph:
    """Workflows whose jobs need the ones before and whose steps use an action each, and read secrets."""
    sources = []
    for workflow in range(_WORKFLOWS):
        lines = [f"name: w{workflow}", "on: {push: {}, pull_request: {}}", "jobs:"]
        for job in range(_JOBS):
            lines += [
                f"  j{job}:",
                f"    runs-on: {'self-hosted' if job % 5 == 0 else 'ubuntu-24.04'}",
                "    permissions: {contents: read}",
            ]
            needed = ", ".join(f"j{one}" for one in range(max(0, job - 4), job))
            lines += [f"    needs: [{needed}]"] if needed else []
            lines.append("    steps:")
            for step in range(_STEPS):
                number = (workflow * _JOBS + job) * _STEPS + step
                action = number % 400
                ref = f"{action:040x}" if action % 3 else "v4"
                lines.append(f"      - uses: owner{action % 40}/action{action}@{ref}")
                secrets = "".join(f"${{{{ secrets.S{number % (70 + more)} }}}}" for more in range(2))
                lines.append(f"        env: {{A: '{secrets}'}}")
        sources.append(Source(f".github/workflows/w{workflow}.yml", "workflow", "\n".join(lines) + "\n"))
    return read_sources(sources, (), Knowledge()).graph


def checks() -> dict[str, Any]:
    """The checks, no two of them the same."""
    found: dict[str, Any] = {}
    for number in range(CHECKS):
        found[f"check-{number}"] = {
            "title": f"Check {number}",
            "severity": "low",
            **_asked(number % 10, number // 10),
        }
    return found


def _asked(kind: int, number: int) -> dict[str, Any]:
    owners = [f"owner{(number + more) % 40}" for more in range(30)]
    owner = {"owner": {"is": f"owner{number % 40}"}}
    unpinned = {"node": "action", "where": {"pinned": False, **owner}}
    shape: list[dict[str, Any]] = [
        {"select": "action", "require": {"owner": {"in": owners}}},
        {"select": "action", "where": {"pinned": True}, "forbid": {"owner": {"matches": f"owner{number % 40}$"}}},
        {"select": ["job", "step"], "require": {"label": {"not": {"glob": f"*{number}*"}}}},
        {"select": "workflow", "require": {"events": {"none": {"is": f"event{number}"}}}},
        {"select": "job", "forbid": {"reaches": unpinned}},
        {"select": "secret", "where": {"label": {"matches": f"S{number % 70}"}}, "forbid": {"reached-by": {"node": "job", "where": {"label": f"j{number % 13}"}, "within": 2}}},
        {"select": "job", "require": {"reaches": {"node": "action", "where": owner, "count": {"le": number % 7}}}},
        {"select": "workflow", "forbid": {"reaches": {"node": "secret", "where": {"label": f"S{number % 70}"}, "through": {"node": "job", "where": {"label": f"j{number % 13}"}}}}},
        {"select": {"edge": "uses"}, "forbid": {"target": owner, "source": {"label": {"glob": f"*{number % 9}*"}}}},
        {"select": "job", "forbid": {"reaches": {"node": "action", "where": owner, "through": "step", "within": 1 + number % 4, "along": ["contains", "uses", "needs"]}}},
    ]  # fmt: skip
    return shape[kind]


def main() -> int:
    gc.disable()  # as the command does
    graph = repository()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snowfence.yaml"
        file.write_text(
            json.dumps({"snowfence": 1, "extends": ["minimal"], "checks": checks()}, indent=1), "utf-8"
        )
        begin = time.process_time()
        policy = load_policy(file, "snowfence.yaml")
        read = time.process_time()
        answers, knowledge = 0, Knowledge()
        for own in policy.own.values():
            answers += sum(1 for _ in own.rule.check(Context(graph, (), knowledge, _NOW, NoOptions())))
        asked = time.process_time()
    total = asked - begin
    print(
        f"{len(policy.own)} checks over {len(graph.nodes):,} nodes and {len(graph.edges):,} edges: {total:.2f} s "
        f"(reading {read - begin:.2f}, asking {asked - read:.2f}), {answers:,} answers"
    )
    return 0 if total < LIMIT and len(graph.nodes) >= NODES else 1


if __name__ == "__main__":
    sys.exit(main())
