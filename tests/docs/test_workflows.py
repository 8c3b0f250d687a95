"""Every workflow of the documentation may be copied: it is clean under our `strict`, under zizmor and under actionlint."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import scanner
from scanner.cli.main import COMMANDS, parser_of
from scanner.parse.expressions.evaluate import contexts, evaluate
from scanner.parse.expressions.syntax import Malformed, parse
from tests.action_runner import ACTION
from tests.actionlint import Actionlint
from tests.docs.snippets import Snippet, snippets
from tests.support import NOW, ROOT, run, snowfence

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OURS = [ROOT / "action.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
GUIDE = "docs/github.md"

ALL = [one for one in snippets() if one.is_workflow]
GOOD = [one for one in ALL if "bad" not in one.words]
BAD = [one for one in ALL if "bad" in one.words]


def parameters(found: list[Snippet]) -> list[Any]:
    return [pytest.param(one, id=one.place) for one in found]


def part(name: str) -> str:
    """The text of the file of this name in docs/github.md."""
    [text] = [one.text for one in snippets() if one.file == GUIDE and one.name == name]
    return text.replace("<commit>", COMMIT)


def written(snippet: Snippet, folder: Path) -> Path:
    """The workflow as the only one of a repository that follows docs/github.md."""
    files = {name: part(name) for name in ("snowfence.yaml", ".github/dependabot.yml")}
    name = snippet.name or ".github/workflows/docs.yml"
    files[name] = snippet.text.replace("<commit>", COMMIT)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder / name


def found_by_us(folder: Path) -> list[tuple[str, str]]:
    options = ("--format", "json", "--fail-on", "none", "--now", NOW)
    report = json.loads(snowfence("scan", folder, *options).stdout)
    assert report["policies"] == ["strict", "snowfence.yaml"]
    return [(one["rule"], one["message"]) for one in report["findings"]]


def found_by_zizmor(file: Path, persona: str) -> list[str]:
    zizmor = Path(sys.executable).with_name("zizmor")
    if not zizmor.exists():
        pytest.skip("zizmor is not installed")
    options = ("--offline", "--no-config", f"--persona={persona}", "--no-exit-codes", "--format=json")
    return [one["ident"] for one in json.loads(run([zizmor, *options, file]).stdout)]


@pytest.mark.parametrize("snippet", parameters(GOOD))
def test_strict_finds_nothing(snippet: Snippet, tmp_path: Path) -> None:
    written(snippet, tmp_path)
    assert found_by_us(tmp_path) == []


@pytest.mark.parametrize("snippet", parameters(GOOD))
def test_zizmor_finds_nothing(snippet: Snippet, tmp_path: Path) -> None:
    assert found_by_zizmor(written(snippet, tmp_path), "auditor") == []


def test_what_private_repositories_add_is_clean_too(tmp_path: Path) -> None:
    [snippet] = [one for one in GOOD if one.name == ".github/workflows/snowfence.yml"]
    before, permissions, behind = snippet.text.partition("    permissions:\n")
    text = f"{before}{permissions}      actions: read # for the upload, which asks about its run\n{behind}"
    file = written(snippet._replace(text=text), tmp_path)
    assert yaml.safe_load(text)["jobs"]["scan"]["permissions"]["actions"] == "read"
    assert found_by_us(tmp_path) == []
    assert found_by_zizmor(file, "auditor") == []


@pytest.mark.parametrize("snippet", parameters(BAD))
def test_what_shows_something_bad_is_bad(snippet: Snippet, tmp_path: Path) -> None:
    written(snippet, tmp_path)
    assert found_by_us(tmp_path)


def test_all_of_the_guide_together(tmp_path: Path) -> None:
    """A repository that took everything from the guide, also what is no workflow."""
    taken = [one for one in snippets() if one.file == GUIDE and one.name]
    for one in taken:
        written(one, tmp_path)
    names = {one.name for one in taken}
    assert len(names) == len(taken)
    assert {".github/dependabot.yml", ".pre-commit-config.yaml", "snowfence.yaml"} < names
    assert len([name for name in names if name.startswith(".github/workflows/")]) >= 5
    assert found_by_us(tmp_path) == []


def scans(text: str) -> list[dict[str, Any]]:
    """The inputs of our action in a workflow, as written."""
    used = [step for step in steps(text) if step.get("uses", "").startswith(("snowfence/snowfence@", "./"))]
    return [step.get("with", {}) for step in used]


def test_no_workflow_overwrites_the_alerts_of_another() -> None:
    """An upload replaces the one before of its category: a push would close what only the weekly scan can see."""
    names = {one.place: yaml.safe_load(one.text)["name"] for one in GOOD}
    owners: dict[str, set[str]] = {}
    for one in GOOD:
        for inputs in scans(one.text):
            if inputs.get("upload") == "true":
                category = inputs.get("category", ACTION["inputs"]["category"]["default"])
                owners.setdefault(category, set()).add(names[one.place])
    assert all(len(of_one) == 1 for of_one in owners.values()), owners
    assert owners["weekly"] == {"Weekly scan"}
    assert len(owners) >= 3


def test_the_jobs_of_a_matrix_are_told_apart() -> None:
    """Uploads and comments by their category, artifacts by their names, of which each is taken once and holds no slash."""
    found = 0
    for one in GOOD:
        for job in yaml.safe_load(one.text)["jobs"].values():
            if "matrix" not in job.get("strategy", {}):
                continue
            rows = job["strategy"]["matrix"]["include"]
            (inputs,) = scans(yaml.safe_dump({"jobs": {"scan": job}}))
            for name in ("category", "artifact", "paths"):
                values = [str(substituted(inputs[name], {"matrix": row})) for row in rows]
                assert len(set(values)) == len(rows), f"{one.place}: {name}"
                assert name == "paths" or not any("/" in value for value in values)
            found += 1
    assert found == 1


def substituted(text: str, known: dict[str, Any]) -> str:
    """The text with its expressions evaluated, as GitHub does."""

    def value(match: re.Match[str]) -> str:
        tree = parse(match[1])
        assert not isinstance(tree, Malformed), tree
        found = evaluate(tree, contexts(known))
        assert isinstance(found, str), found
        return found

    return re.sub(r"\$\{\{ (.*?) \}\}", value, text)


def test_every_run_that_gates_on_what_is_new_has_its_base() -> None:
    """The base of a pull request is the parent of its merge; that of a merge queue is before all commits of the group."""
    found = 0
    for one in GOOD:
        compares = [inputs for inputs in scans(one.text) if "only-new" in inputs]
        if not compares:
            continue
        (checkout,) = (
            step for step in steps(one.text) if step.get("uses", "").startswith("actions/checkout@")
        )
        depth = str(checkout["with"]["fetch-depth"])
        depths = {event: substituted(depth, {"github": {"event_name": event}}) for event in events(one)}
        assert depths.pop("merge_group", "0") == "0", one.place
        assert set(depths.values()) == {"2"}, one.place
        found += 1
    assert found == 2


@pytest.mark.registry
def test_actionlint_finds_nothing(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    actionlint = Actionlint(pytestconfig)
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ nope.x }}'}]}}\n", "utf-8"
    )
    [said] = actionlint.findings([wrong])
    assert 'undefined variable "nope"' in said, "a linter that finds nothing proves nothing"
    files = [written(one, tmp_path / str(at)) for at, one in enumerate(GOOD)]
    assert actionlint.findings([*files, *OURS[1:]]) == []


def test_there_is_something_to_lint() -> None:
    assert len(GOOD) >= 6
    assert {"push", "pull_request", "schedule"} <= {key for one in GOOD for key in events(one)}


def events(snippet: Snippet) -> set[str]:
    on = yaml.safe_load(snippet.text)[True]  # `on` is a truth value in YAML 1.1
    return {on} if isinstance(on, str) else set(on)


def steps(text: str) -> list[dict[str, Any]]:
    jobs: dict[str, Any] = yaml.safe_load(text)["jobs"]
    return [step for job in jobs.values() for step in job.get("steps", [])]


def test_inputs_of_our_action_exist() -> None:
    """No linter knows them."""
    texts = [one.text for one in ALL] + [file.read_text("utf-8") for file in OURS[1:]]
    used = {name for text in texts for inputs in scans(text) for name in inputs}
    assert used <= set(ACTION["inputs"])
    assert {"upload", "comment", "artifact", "only-new"} <= used


def test_the_guide_names_inputs_that_exist() -> None:
    text = (ROOT / GUIDE).read_text("utf-8")
    rows = re.findall(r"(?m)^\| (`[^|]+) \|", text)
    named = {name for row in rows for name in re.findall(r"`([\w-]+)(?:: [^`]*)?`", row)}
    assert named <= set(ACTION["inputs"])
    assert {f"`{name}`" for name in ACTION["inputs"]} - set(re.findall(r"`[\w-]+`", text)) <= {
        "`args`",
        "`base`",
        "`fail-on`",
    }


def test_our_commands_in_workflows_are_understood() -> None:
    found = 0
    for one in ALL:
        for step in steps(one.text):
            for line in re.findall(r"(?m)^\s*(snowfence [^|&>\n]*)", step.get("run", "")):
                _, command, *arguments = shlex.split(line)
                assert command in COMMANDS, one.place
                parser_of(command).parse_args(arguments)
                found += 1
    assert found >= 3


def test_the_release_that_the_documentation_names_is_this_one() -> None:
    """`uses: …@<commit> # v…`, `rev: <commit> # frozen: v…` and `snowfence==…`."""
    forms = (r"snowfence/snowfence@\S+ # v(\S+)", r"rev: .*# frozen: v(\S+)", r"snowfence==([^\s'\"]+)")
    current = [
        one.text for one in snippets() if one.file != "docs/releasing.md"
    ]  # whose numbers are examples
    named = {version for text in current for form in forms for version in re.findall(form, text)}
    assert named == {scanner.__version__}
