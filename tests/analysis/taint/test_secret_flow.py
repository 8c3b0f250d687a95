"""Where commands take secrets: each rule once, with its negative twin."""

import pytest

from scanner.analysis.taint.secret_flow import Gone, Put, Shown, flow_of, handles_secrets
from scanner.analysis.taint.secret_values import outside, variables_of
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository

HEAD = """on: push
env:
  ALL: ${{ secrets.ALL }}
  PLAIN: none
jobs:
  job:
    runs-on: ubuntu-latest
    env:
      KEY: ${{ secrets.KEY }}
      ALL: shadowed
    steps:
      - run: |
"""


def step(script: str) -> tuple[object, StepNode]:
    body = "\n".join(" " * 10 + line for line in script.splitlines())
    graph, problems = repository({".github/workflows/ci.yml": HEAD + body + "\n"})
    assert not problems
    return graph, next(iter(graph.of(StepNode)))


def shown(script: str) -> list[tuple[str, str]]:
    graph, node = step(script)
    return [(one.at.text, one.way) for one in flow_of(graph, node).shown]  # type: ignore[arg-type]


def files(script: str) -> list[str]:
    graph, node = step(script)
    found = flow_of(graph, node).files  # type: ignore[arg-type]
    return [f"{'+' if isinstance(one, Put) else '-'}{one.file}" for one in found]


def test_blocks_give_variables_and_the_innermost_wins() -> None:
    graph, node = step("true")
    assert {name: one.secret for name, one in variables_of(graph, node).items()} == {"KEY": "KEY"}  # type: ignore[arg-type]
    assert not handles_secrets(graph, node)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('echo "${KEY%-*}"', [("${KEY%-*}", "log")]),
        ('echo "${KEY:-none}"', []),
        ('echo "${#KEY}"', []),
        ('echo "${PLAIN%-*}"', []),
        ("echo '${KEY%-*}'", []),
        ('jq -r .a <<< "$KEY"', [("jq -r .a", "log")]),
        ('jq -r .a <<< "$PLAIN"', []),
        ('jq -r .a <<< "$KEY" > file', []),
        ('jq -r .a <<< "$KEY" 2> file', [("jq -r .a", "log")]),
        ('jq -r .a <<< "$KEY" | wc -c', []),
        ('jq -r .a <<< "$KEY" | tee file', [("tee file", "log")]),
        ('jq -r .a <<< "$KEY" | tee -a "$GITHUB_OUTPUT" > /dev/null', [("tee -a \"$GITHUB_OUTPUT", "output")]),
        ('jq -n --arg key "$KEY" "{}"', []),
        ('A=$(cut -d: -f1 <<< "$KEY"); echo "$A"', [("$A", "log")]),
        ('A=$(cut -d: -f1 <<< "$KEY"); echo "::add-mask::$A"; echo "$A"', []),
        ('A=$(cut -d: -f1 <<< "$KEY"); echo "$A"; echo "::add-mask::$A"', [("$A", "log")]),
        ('A=$(cut -d: -f1 <<< "$KEY"); echo "A=$A" >> $GITHUB_ENV; echo "::add-mask::$A"', []),
        ('A=$(cut -d: -f1 <<< "$KEY"); A=none; echo "$A"', []),
        ('export A="$(echo "$KEY" | sed s/x/y/)"\necho "::set-output name=a::$A"', [("::set-output name=a::$A", "output")]),
        ('A=$(jq -r .a <<< "$KEY")\ncurl -d "$A" example.org', []),
        ('A=`cut -c1-3 <<< "$KEY"`\necho "A=$A" >> $GITHUB_ENV', [("A=$A", "environment")]),
        ('echo "$(base64 -d <<< "$KEY")" >> "$GITHUB_STEP_SUMMARY"', [('echo "$(base64 -d <<< "$KEY")', "summary")]),
        ('echo "$KEY" | base64', []),
        ('echo "$KEY" | grep -q x', []),
        ('echo "$KEY" | grep -o x', [("grep -o x", "log")]),
        ('echo "$KEY" | head -n1', []),
        ('echo "$KEY" | head -c4', [("head -c4", "log")]),
        ('set -x\nA=${KEY:0:3}', [("A=${KEY:0:3}", "trace")]),
        ('set -x\nset +x\nA=${KEY:0:3}', []),
        ('set -ex\nA=$KEY', []),
    ],
)  # fmt: skip
def test_what_is_shown(script: str, found: list[tuple[str, str]]) -> None:
    assert shown(script) == found


def test_the_way_begins_where_the_text_is_made() -> None:
    graph, node = step('A=$(cut -d: -f1 <<< "$KEY")\nB="x$A"\necho "$B"')
    (one,) = flow_of(graph, node).shown  # type: ignore[arg-type]
    assert isinstance(one, Shown)
    assert one.secret == "KEY"
    assert one.made.message == "made of the secret and kept in `B`"


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('echo "$KEY" > a', ["+a"]),
        ('echo "$PLAIN" > a', ["-a"]),
        ('echo "$KEY" >> a\nrm -f a', ["+a", "-a"]),
        ("cat <<EOF > a\n$KEY\nEOF", ["+a"]),
        ("{\necho x\necho $KEY\n} > a", ["+a"]),
        ('echo "$KEY" | base64 -d -o a', ["+a"]),
        ('npm config set //registry.example.org/:_authToken "$KEY"', ["+~/.npmrc"]),
        ('git config --global user.name "$PLAIN"', []),
        ('echo "$KEY" > /dev/null', []),
        ('echo "$KEY" | ./program > a', ["-a"]),
    ],
)
def test_files(script: str, found: list[str]) -> None:
    assert files(script) == found


def test_folders_of_files() -> None:
    graph, node = step('cd dist\necho "$KEY" > a\n(cd "$WHERE"; echo "$KEY" > b)\ncd /tmp\necho "$KEY" > c')
    found = flow_of(graph, node).files  # type: ignore[arg-type]
    assert [(one.file, one.folder) for one in found if not isinstance(one, Gone)] == [
        ("a", "dist"), ("b", None), ("c", "/tmp")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a$(b)c", "a c"),
        ("a$(b $(c) d)e", "a e"),
        ("a`b`c", "a c"),
        ("$(unclosed", ""),
        ("plain", "plain"),
    ],
)
def test_outside_of_substitutions(text: str, rest: str) -> None:
    assert outside(text) == rest


def test_nested_substitutions_stay_linear() -> None:
    deep = "echo $(" * 60 + 'jq . <<< "$KEY"' + ")" * 60
    assert len(shown(deep)) <= 1
    assert shown('A=$(cut -c1 <<< "$KEY")\n' * 2_000 + "true") == []
