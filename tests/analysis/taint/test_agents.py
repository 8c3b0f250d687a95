"""Steps that ask an AI: what they may do, and who may start them."""

import pytest

from scanner.analysis.taint.agents import agents_of
from scanner.knowledge.agents import Power
from tests.memory import KNOWLEDGE, repository


def agents(step: str) -> list[tuple[str, Power]]:
    body = "\n".join(f"        {line}" for line in step.splitlines())
    text = f"on: issues\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      -\n{body}\n"
    graph, problems = repository({".github/workflows/ci.yml": text})
    assert not problems
    return [(one.at.text, one.can) for one in agents_of(graph, KNOWLEDGE)]


@pytest.mark.parametrize(
    ("command", "can"),
    [
        ("claude -p x", Power.READS),
        ("claude -p x --allowedTools Edit,Read", Power.WRITES),
        ("claude -p x --allowedTools 'Bash(git diff:*)'", Power.WRITES),
        ("claude -p x --allowed-tools Bash", Power.COMMANDS),
        ("claude -p x --allowed-tools BashOutput,Read", Power.READS),
        ("claude -p x --allowedTools=Bash", Power.COMMANDS),
        ("claude -p x --permission-mode acceptEdits", Power.WRITES),
        ("npx --yes @anthropic-ai/claude-code@2.1.0 -p x --dangerously-skip-permissions", Power.COMMANDS),
        ("codex exec x", Power.READS),
        ("codex exec --sandbox danger-full-access x", Power.COMMANDS),
        ("gemini --approval-mode yolo -p x", Power.COMMANDS),
        ("gemini -p x", Power.READS),
        ("copilot -p x --allow-all-tools", Power.COMMANDS),
        ("copilot -p x --allow-tool 'shell(git)'", Power.WRITES),
        ("aider --yes-always --message x", Power.WRITES),
        ("gh models run openai/gpt-4o x", Power.ANSWERS),
        ("llm x", Power.ANSWERS),
        ("opencode run x", Power.COMMANDS),
    ],
)
def test_programs(command: str, can: Power) -> None:
    assert agents(f"run: {command}") == [(command.rstrip("'"), can)]


@pytest.mark.parametrize(
    "command",
    [
        "claude --version",
        "npm install -g @openai/codex",
        "codex login",
        "gh pr view 1",
        "echo claude -p",
        "gemini --help",
    ],
)
def test_what_asks_nothing(command: str) -> None:
    assert agents(f"run: {command}") == []


@pytest.mark.parametrize(
    ("inputs", "can"),
    [
        ("prompt: x", Power.WRITES),
        ("allowed_tools: Bash(npm test)", Power.WRITES),
        ("allowed_tools: Read,Bash", Power.COMMANDS),
        ("claude_args: --max-turns 3 --allowedTools Bash", Power.COMMANDS),
        ("settings: '{\"permissions\": {}}'", Power.WRITES),
    ],
)
def test_what_inputs_allow(inputs: str, can: Power) -> None:
    found = agents(f"uses: anthropics/claude-code-action@v1\nwith:\n  {inputs}")
    assert found == [("anthropics/claude-code-action@v1", can)]


@pytest.mark.parametrize(
    ("inputs", "can"),
    [
        ("prompt: x", Power.WRITES),
        ("sandbox: read-only", Power.READS),
        ("sandbox: danger-full-access", Power.COMMANDS),
        ("safety-strategy: unsafe", Power.COMMANDS),
        ("codex-args: '[\"--yolo\"]'", Power.COMMANDS),
    ],
)
def test_sandboxes(inputs: str, can: Power) -> None:
    assert agents(f"uses: openai/codex-action@v1\nwith:\n  {inputs}") == [("openai/codex-action@v1", can)]


def test_gates() -> None:
    def gated(inputs: str) -> list[tuple[bool, str | None]]:
        step = f"      - uses: anthropics/claude-code-action@v1\n        with:\n          {inputs}\n"
        text = f"on: issues\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{step}"
        graph, _ = repository({".github/workflows/ci.yml": text})
        found = agents_of(graph, KNOWLEDGE)
        return [(one.gated, one.opened.text if one.opened else None) for one in found]

    assert gated("prompt: x") == [(True, None)]
    assert gated("allowed_non_write_users: octocat") == [(True, None)]
    assert gated('allowed_non_write_users: "*"') == [(False, "*")]
