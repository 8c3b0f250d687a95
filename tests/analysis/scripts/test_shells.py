"""The shell that runs a step, told from what the step, its job or its runner says."""

import pytest

from scanner.analysis.scripts.shells import shell_of
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository

LONG = "x" * 2_000


@pytest.mark.parametrize(
    ("shell", "labels", "expected"),
    [
        ("/usr/bin/bash -e {0}", "ubuntu-latest", "bash"),
        ("C:\\bin\\PWSH.exe -c", "ubuntu-latest", "pwsh"),
        ("${{ matrix.shell }}", "ubuntu-latest", None),
        (None, "ubuntu-latest", "bash"),
        (None, "windows-2022", "pwsh"),
        (None, "[self-hosted, macOS]", "bash"),
        (None, "${{ matrix.os }}", None),
        # A text that no runner has is not read to its end for each of the steps.
        (f"sh {LONG}", "ubuntu-latest", "sh"),
        (f"sh {LONG} ${{{{ matrix.shell }}}}", "ubuntu-latest", "sh"),
        (f"sh{' ' * 2_000}-e", "ubuntu-latest", "sh"),
        (f"{' ' * 2_000}bash -e", "ubuntu-latest", "bash"),
        (f"https://user:{LONG}@example.org/sh", "ubuntu-latest", ""),
        (None, f"{LONG}-ubuntu-latest", None),
        (None, f"ubuntu-latest-{LONG}", "bash"),
    ],
)
def test_the_shell_of_a_step(shell: str | None, labels: str, expected: str | None) -> None:
    said = f"    defaults: {{ run: {{ shell: '{shell}' }} }}\n" if shell is not None else ""
    text = f"on: push\njobs:\n  a:\n    runs-on: {labels}\n{said}    steps:\n      - run: make\n"
    graph, problems = repository({".github/workflows/ci.yml": text})
    assert not problems
    [step] = graph.of(StepNode)
    assert shell_of(step).name == expected


@pytest.mark.parametrize(("more", "scripts"), [("", 2), (LONG, 1)])
def test_a_shell_that_calls_nix_is_a_script_unless_nobody_would_write_it(more: str, scripts: int) -> None:
    shell = f"nix develop -c bash {{0}} {more}"
    text = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {{ run: make, shell: '{shell}' }}\n"
    graph, _ = repository({".github/workflows/ci.yml": text})
    [step] = graph.of(StepNode)
    assert len(step.scripts) == scripts
