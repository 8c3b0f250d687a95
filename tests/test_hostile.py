"""Bad input: nothing raises, nothing crashes, each costs bounded work, and the good file beside it is reported."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from scanner.cli.main import main
from tests.support import NOW

GOOD = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    steps: [{uses: good/action@v1}]\n"
CI = ".github/workflows/bad.yml"
ESC = "\x1b[31m"

# name, path, bytes, whether it must be a problem
CASES: list[tuple[str, str, bytes, bool]] = [
    ("empty workflow", CI, b"", True),
    ("empty lock", "flake.lock", b"", True),
    ("only comments", CI, b"# nothing\n", True),
    ("not utf-8", CI, b"on: push\nname: caf\xe9\n", True),
    ("utf-16", CI, "on: push\njobs: {}\n".encode("utf-16"), True),
    ("bom", CI, b"\xef\xbb\xbfon: push\njobs: {}\n", False),
    ("crlf", CI, b"on: push\r\njobs: {}\r\n", False),
    ("lone cr", CI, b"on: push\rjobs: {}\r", False),
    ("tabs", CI, b"on: push\njobs:\n\ta: {}\n", True),
    ("nul", CI, b"on: push\x00\n", True),
    ("1,000,000 brackets", CI, b"on: " + b"[" * 1_000_000, True),
    ("1,000,000 dashes", CI, b"- " * 1_000_000, True),
    ("1,000,000 braces in a lock", "flake.lock", b'{"a":' * 1_000_000, True),
    ("1,000,000 brackets in a lock", "flake.lock", b"[" * 1_000_000, True),
    (
        "alias bomb",
        CI,
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n".encode()
            for before, after in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        True,
    ),
    ("alias to itself", CI, b"on: &a [*a]\n", True),
    ("duplicate keys", CI, b"on: push\non: push\njobs: {}\n", True),
    ("5 MB of steps", CI, b"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + (b"    - run: echo " + b"y" * 235 + b"\n") * 20_000, False),
    ("1 MB of one script", CI, b"on: push\njobs:\n  a:\n    steps:\n    - run: " + b"nix build; " * 100_000, False),
    ("20,000 expressions", CI, b"on: push\njobs:\n  a:\n    steps:\n    - run: " + b"${{ github.head_ref }}" * 20_000, False),
    ("an expression without an end", CI, b"on: push\njobs:\n  a:\n    steps:\n    - run: " + b"${{ (" * 200_000, False),
    ("conflict markers in a lock", "flake.lock", b'{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> x\n}', True),
    ("a lock that is a list", "flake.lock", b"[]", True),
    ("a lock that is a number", "flake.lock", b"1" * 6000, True),
    ("a lock with nan", "flake.lock", b'{"version": NaN}', True),
    ("a lock with wrong types", "flake.lock", b'{"nodes": {"root": {"inputs": {"a": "a"}}, "a": []}, "root": "root", "version": 7}', True),
    ("a lock of one long follows", "flake.lock", json.dumps({
        "nodes": {"root": {"inputs": {f"i{n}": [f"i{n + 1}"] for n in range(20_000)}}}, "root": "root", "version": 7,
    }).encode(), False),
    ("a workflow that is a scalar", CI, b"hello\n", True),
    ("a workflow that is a list", CI, b"- a\n", True),
    ("jobs is a list", CI, b"on: push\njobs: [a]\n", True),
    ("a job is a number", CI, b"on: push\njobs: {a: 1}\n", True),
    ("steps is a text", CI, b"on: push\njobs: {a: {steps: x}}\n", True),
    ("everything has the wrong type", CI, b"on: {push: 1}\nenv: []\npermissions: []\ndefaults: 1\njobs:\n  a:\n    needs: {}\n    runs-on: [[]]\n    env: x\n    container: []\n    services: 1\n    steps: [1, [], {uses: [], with: 1, env: [], run: {}}]\n", True),
    ("uses without @", CI, b"on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout}]}}\n", False),
    ("control characters", CI, b'on: push\nname: "\\e[31m\\u202e\\u0007"\njobs:\n  "\\e]0;x\\a":\n    runs-on: "\\e[2J"\n    steps: [{name: "\\x1b[31m", uses: "a/\\e[1m@\\r\\n::error::x"}]\n', False),
    ("control characters in a lock", "flake.lock", json.dumps({
        "nodes": {
            "root": {"inputs": {ESC + "\n::add-mask::x": ESC}},
            ESC: {
                "locked": {"type": "tarball", "url": f"http://x/{ESC}\u202e"},
                "original": {"type": "indirect", "id": ESC},
            },
        },
        "root": "root", "version": 7,
    }).encode(), True),
    ("an action that is a list", "x/action.yml", b"[]", True),
    ("dependabot that is a text", ".github/dependabot.yml", b"x", True),
    ("an actions.lock that is garbage", ".github/workflows/actions.lock", b"garbage", True),
    ("an actions.lock with wrong types", ".github/workflows/actions.lock", b"version: 1\nworkflows: {a: {b: c}}\ndependencies: {x: 1, 'a/b@c': []}\n", False),  # malformed-actions-lock says it
]  # fmt: skip


def repository(root: Path, path: str, data: bytes) -> Path:
    for name, content in ((".github/workflows/good.yml", GOOD.encode()), (path, data)):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def printed(*arguments: str) -> tuple[int, str]:
    text = io.StringIO()
    with redirect_stdout(text):
        code = main([*arguments, "--now", NOW])
    return code, text.getvalue()


@pytest.mark.parametrize(
    ("path", "data", "problem"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_bad_input(tmp_path: Path, path: str, data: bytes, problem: bool) -> None:
    root = str(repository(tmp_path, path, data))
    code, text = printed("scan", root, "--format", "json")
    found = json.loads(text)
    assert code in (0, 1)
    rules = {(finding["path"], finding["rule"]) for finding in found["findings"]}
    assert (".github/workflows/good.yml", "unpinned-uses") in rules
    assert bool(found["problems"]) == problem
    assert ((path, "unreadable-input") in rules) == problem
    if problem:
        assert code == 1
    for place in (*found["findings"], *found["unknowns"]):
        start, end = place["start"], place["end"]
        assert (1, 1) <= (start["line"], start["column"]) <= (end["line"], end["column"])


@pytest.mark.parametrize(("path", "data"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_nothing_reaches_a_terminal_raw(tmp_path: Path, path: str, data: bytes) -> None:
    root = str(repository(tmp_path, path, data))
    for format in ("text", "github"):
        _, text = printed("scan", root, "--format", format)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
        if format == "text":
            assert not re.search(r"(?m)^\s*::", text)
            assert "##[" not in text


@pytest.mark.parametrize("command", ["graph", "sbom"])
@pytest.mark.parametrize(("path", "data"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_other_commands_survive(tmp_path: Path, path: str, data: bytes, command: str) -> None:
    root = str(repository(tmp_path, path, data))
    with redirect_stdout(io.StringIO()) as text:
        assert main([command, root]) == 0
    json.loads(text.getvalue())


@pytest.mark.parametrize("format", ["dot", "mermaid", "graphml", "text"])
def test_drawings_hold_hostile_names(tmp_path: Path, format: str) -> None:
    case = next(case for case in CASES if case[0] == "control characters in a lock")
    with redirect_stdout(io.StringIO()) as text:
        assert main(["graph", str(repository(tmp_path, case[1], case[2])), "--format", format]) == 0
    assert "\x1b" not in text.getvalue()
