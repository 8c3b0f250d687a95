"""Every snippet of the documentation is executed, loaded or linted, and what is generated is up to date."""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import yaml

from docs import generate
from scanner.adapters.http import HttpClient
from scanner.cli.main import main
from scanner.engine import Context, Place, places
from scanner.model.ports import NoResponse, Request
from scanner.policy.load import load_policy
from scanner.rules.pages import read_page
from tests.docs.snippets import GUIDE, Snippet, snippets
from tests.memory import KNOWLEDGE, NOW, repository
from tests.support import ROOT, clean_environment, git_environment, run


def of(*languages: str) -> list[object]:
    """The snippets that stand for themselves: tests/test_policy_guide.py follows those of the guide one after the other."""
    return [
        pytest.param(one, id=one.place)
        for one in snippets()
        if one.language in languages and one.file != GUIDE
    ]


def test_every_snippet_is_of_a_kind_that_is_tested() -> None:
    """`text` shows output; a fence without a language is a diagram."""
    assert {one.language for one in snippets()} == {
        "sh",
        "yaml",
        "json",
        "python",
        "groovy",
        "markdown",
        "text",
        "",
    }


def unplugged(client: HttpClient, request: Request) -> NoResponse:
    """A machine without a network: what goes online must still answer."""
    return NoResponse("the network is unplugged")


@pytest.mark.parametrize("snippet", of("sh"))
def test_commands_run(snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path, dirs_exist_ok=True)
    if "HEAD" in snippet.text:  # which needs a history
        for command in (["init"], ["add", "--all"], *[["commit", "--allow-empty", "--message", "x"]] * 2):
            run(["git", *command], cwd=tmp_path, env=git_environment())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HttpClient, "send", unplugged)
    for line in snippet.text.splitlines():
        words = shlex.split(line, comments=True)
        match words:
            case ["make", target, *_]:
                assert re.search(rf"(?m)^{target}:", makefile)
            case ["pipx", "install", "."]:  # Debian's Python refuses a bare `pip install` (PEP 668)
                pass  # tests/test_wheel.py installs for real
            case ["snowfence", *arguments]:
                with redirect_stdout(io.StringIO()) as printed:
                    code = main(arguments)
                assert code in (0, 1)
                quiet = "--output" in arguments or "update" in arguments  # nothing is new without a network
                assert printed.getvalue() or quiet
            case _:
                pytest.fail(f"nobody tests `{line}`")


def scripts_of_other_systems() -> dict[str, tuple[Snippet, str]]:
    """The shell scripts in the configurations for GitLab and Jenkins, but for the installation."""
    found = {}
    for one in snippets():
        if one.name == ".gitlab-ci.yml":
            _install, *lines = yaml.safe_load(one.text)["snowfence"]["script"]
            found["gitlab"] = one, "\n".join(lines)
        elif one.language == "groovy":
            (script,) = re.findall(r"(?s)sh '''(.*?)'''", one.text)
            found["jenkins"] = one, script.replace(".venv-snowfence/bin/", "")
    return found


DIFF_BASE, TARGET, CHANGED = (
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
    "CHANGE_TARGET",
)


@pytest.mark.parametrize(
    ("system", "variables", "code"),
    [
        ("gitlab", {}, 1),
        ("gitlab", {DIFF_BASE: "HEAD^", TARGET: ""}, 0),
        ("gitlab", {DIFF_BASE: "HEAD~2", TARGET: "HEAD^"}, 0),
        ("gitlab", {DIFF_BASE: "HEAD~2", TARGET: ""}, 1),
        ("gitlab", {DIFF_BASE: "0" * 40}, 2),  # never less than was asked for without a word
        ("jenkins", {}, 1),
        ("jenkins", {CHANGED: "main"}, 0),
        ("jenkins", {CHANGED: "not-fetched"}, 1),
    ],
)
def test_commands_of_other_systems_run(
    system: str, variables: dict[str, str], code: int, tmp_path: Path
) -> None:
    """On the default branch everything counts; in a request to merge what is new since the base."""
    snippet, script = scripts_of_other_systems()[system]
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path, dirs_exist_ok=True)
    empty = ["commit", "--allow-empty", "--message", "x"]
    to_main = ["update-ref", "refs/remotes/origin/main", "HEAD^"]
    for command in (["init"], empty, ["add", "--all"], empty, empty, to_main):  # the findings come second
        run(["git", *command], cwd=tmp_path, env=git_environment())
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-xec", script],  # as Jenkins does, and GitLab but for the trace
        cwd=tmp_path,
        env=clean_environment(PATH=path, **variables),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert ("no base to compare with" in done.stdout) == (variables == {CHANGED: "not-fetched"})
    written = re.findall(r"--output \w+=(\S+)", script) if code < 2 else []
    assert len(written) == (2 if code < 2 else 0)
    for file in written:
        assert (tmp_path / file).is_file(), f"{snippet.place}: {file}"
        assert snippet.text.count(file) > 1 or "snowfence.*" in snippet.text, f"{file} is not kept"


def test_gitlab_runs_where_there_is_a_base_and_has_it() -> None:
    """Without rules no pipeline is one of a merge request, and a clone of the default depth may lack the base."""
    (job,) = (yaml.safe_load(one.text)["snowfence"] for one in snippets() if one.name == ".gitlab-ci.yml")
    assert "merge_request_event" in str(job["rules"])
    assert "CI_DEFAULT_BRANCH" in str(job["rules"])
    assert job["variables"] == {"GIT_DEPTH": "0"}


@pytest.mark.parametrize("snippet", of("yaml"))
def test_yaml_is_what_it_claims_to_be(snippet: Snippet, tmp_path: Path) -> None:
    data = yaml.safe_load(snippet.text)
    if "snowfence" in data and snippet.name != ".gitlab-ci.yml":
        file = tmp_path / "snowfence.yaml"
        file.write_text(snippet.text, "utf-8")
        load_policy(file, "snowfence.yaml")
    elif "repos" in data:
        (repo,) = data["repos"]
        known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
        assert {hook["id"] for hook in repo["hooks"]} <= known
    else:  # test_workflows.py lints these
        assert snippet.is_workflow or snippet.name in (".github/dependabot.yml", ".gitlab-ci.yml")


@pytest.mark.parametrize("snippet", of("json"))
def test_json_has_the_keys_of_the_real_output(snippet: Snippet) -> None:
    shown = json.loads(snippet.text)
    if "findings" not in shown:
        return  # a lock in CONTRIBUTING's page
    with redirect_stdout(io.StringIO()) as printed:
        main(["scan", "fixtures/demo", "--format", "json"])
    real = json.loads(printed.getvalue())
    assert shown.keys() <= real.keys()
    assert shown["findings"][0].keys() == real["findings"][0].keys()


def test_the_rule_of_contributing_works(tmp_path: Path) -> None:
    """Its logic is executed and its page proves it, as the real ones."""
    page = next(
        one.text for one in snippets() if one.file == "CONTRIBUTING.md" and one.language == "markdown"
    )
    logic = next(one.text for one in snippets() if one.file == "CONTRIBUTING.md" and one.language == "python")
    space: dict[str, object] = {}
    exec(compile(logic, "CONTRIBUTING.md", "exec"), space)
    rule = space["old_lock"]
    (tmp_path / "old_lock.md").write_text(page, "utf-8")

    class Here(Place):
        @property
        def page(self) -> Path:
            return tmp_path / "old_lock.md"

    examples = read_page(Here("flakes", "old_lock")).examples
    assert {example.verdict for example in examples} == {"good", "bad"}
    for example in examples:
        graph, problems = repository(example.files)
        context = Context(graph, problems, KNOWLEDGE, NOW, rule.options())  # type: ignore[attr-defined]
        hits = list(rule.check(context))  # type: ignore[attr-defined]
        assert [hit.at.text for hit in hits] == list(example.at)


def test_what_is_generated_is_up_to_date() -> None:
    assert generate.main(["--check"]) == 0


def test_every_rule_named_in_the_docs_exists() -> None:
    for snippet in snippets():
        for id in re.findall(r"snowfence explain ([a-z-]+)$", snippet.text, re.MULTILINE):
            assert id in places()
