"""Files with secrets that artifacts and caches take in."""

import pytest

from scanner.analysis.permissions.secret_files import carried_secrets
from tests.memory import repository


def carried(script: str, upload: str, folder: str = "") -> list[tuple[str, str]]:
    where = f"        working-directory: {folder}\n" if folder else ""
    text = f"""on: push
jobs:
  job:
    runs-on: ubuntu-latest
    env:
      KEY: ${{{{ secrets.KEY }}}}
    steps:
      - run: {script}
{where}      - uses: {upload}
"""
    graph, problems = repository({".github/workflows/ci.yml": text})
    assert not problems
    return [(one.at.text, one.file) for one in carried_secrets(graph)]


def artifact(path: str, version: str = "v4", more: str = "") -> str:
    return f"actions/upload-artifact@{version}\n        with:\n          path: {path}{more}"


@pytest.mark.parametrize(
    ("file", "path", "found"),
    [
        ("key.json", ".", True),
        ("key.json", "key.json", True),
        ("./key.json", "'*.json'", True),
        ("key.json", "'*.txt'", False),
        ("key.json", "other", False),
        ("a/b/key.json", "a", True),
        ("a/b/key.json", "'a/*'", True),
        ("a/b/key.json", "'a/**/*.json'", True),
        ("a/b/key.json", "'**/key.json'", True),
        ("a/b/key.json", "'*.json'", False),
        ("a/../key.json", "a", False),
        ("$GITHUB_WORKSPACE/key.json", "${{ github.workspace }}/key.json", True),
        ("$RUNNER_TEMP/key.json", "${{ runner.temp }}", True),
        ("$RUNNER_TEMP/key.json", ".", False),
        ("~/key.json", "~/", True),
        ("$HOME/key.json", ".", False),
        ("/tmp/key.json", "/tmp", True),
        ("$WHERE/key.json", ".", False),
        (".npmrc", ".", False),
    ],
)
def test_paths(file: str, path: str, found: bool) -> None:
    assert bool(carried(f'echo "$KEY" > {file}', artifact(path))) is found


def test_hidden_files() -> None:
    assert carried('echo "$KEY" > .npmrc', artifact(".", "v3.1.0")) == [(".", ".npmrc")]
    more = "\n          include-hidden-files: true"
    assert carried('echo "$KEY" > .npmrc', artifact(".", more=more)) == [(".", ".npmrc")]


def test_folders_of_scripts() -> None:
    assert carried('echo "$KEY" > key', artifact("dist"), "dist") == [("dist", "dist/key")]
    assert carried('echo "$KEY" > key', artifact("dist")) == []


def test_caches_hold_hidden_files_and_are_saved_at_the_end() -> None:
    cache = "actions/cache@v4\n        with:\n          key: x\n          path: ~/.npm\n      - run: echo $KEY > ~/.npm/key"
    assert carried("true", cache) == [("~/.npm", ".npm/key")]
    saved = "actions/cache/save@v4\n        with:\n          key: x\n          path: ~/.npm\n      - run: echo $KEY > ~/.npm/key"
    assert carried("true", saved) == []
    restored = "actions/cache/restore@v4\n        with:\n          key: x\n          path: ~/.npm"
    assert carried("echo $KEY > ~/.npm/key", restored) == []


def test_actions_that_write() -> None:
    written = """SpicyPizza/create-envfile@v2
        with:
          envkey_KEY: ${{ secrets.KEY }}
          directory: app
      - uses: actions/upload-artifact@v4
        with:
          path: .
          include-hidden-files: true"""
    assert carried("true", written) == [(".", "app/.env")]


def test_many_files_and_uploads_end() -> None:
    steps = "".join(
        f"      - run: echo $KEY > file{number}\n      - uses: actions/upload-artifact@v4\n        with:\n          path: a{number}\n"
        for number in range(300)
    )
    text = f"on: push\njobs:\n  job:\n    runs-on: x\n    env:\n      KEY: ${{{{ secrets.KEY }}}}\n    steps:\n{steps}"
    graph, _ = repository({".github/workflows/ci.yml": text})
    assert carried_secrets(graph) == ()
