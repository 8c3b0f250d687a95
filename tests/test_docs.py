"""Every snippet of the documentation is executed, loaded or linted, and what is generated is up to date."""

import io
import json
import re
import shlex
import shutil
import textwrap
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from docs import generate
from scanner.adapters.http import HttpClient
from scanner.cli.main import main
from scanner.engine import Context, Place, places
from scanner.model.ports import NoResponse, Request
from scanner.policy.load import load_policy
from scanner.rules.pages import read_page
from tests.memory import KNOWLEDGE, NOW, repository
from tests.support import ROOT

FILES = [
    ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
] + sorted((ROOT / "docs").glob("*.md"))
GUIDE = "docs/policies.md"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Snippet(NamedTuple):
    file: str
    line: int
    language: str
    text: str


def snippets() -> list[Snippet]:
    found = []
    for file in FILES:
        lines = file.read_text("utf-8").splitlines()
        at = 0
        while at < len(lines):
            opening = re.match(r"\s*(`{3,})(\w*)", lines[at])
            at += 1
            if not opening:
                continue
            start = at
            while lines[at].strip() != opening[1]:
                at += 1
            text = textwrap.dedent("\n".join(lines[start:at])) + "\n"
            found.append(Snippet(file.relative_to(ROOT).as_posix(), start, opening[2], text))
            at += 1
    return found


def of(*languages: str) -> list[object]:
    """The snippets that stand for themselves: tests/test_policy_guide.py follows those of the guide one after the other."""
    return [
        pytest.param(one, id=f"{one.file}:{one.line}")
        for one in snippets()
        if one.language in languages
        and (one.file != GUIDE or ("jobs:" in one.text and "snowfence:" not in one.text))
    ]


def test_every_snippet_is_of_a_kind_that_is_tested() -> None:
    """`text` shows output; a fence without a language is a diagram."""
    assert {one.language for one in snippets()} == {"sh", "yaml", "json", "python", "markdown", "text", ""}


def unplugged(client: HttpClient, request: Request) -> NoResponse:
    """A machine without a network: what goes online must still answer."""
    return NoResponse("the network is unplugged")


@pytest.mark.parametrize("snippet", of("sh"))
def test_commands_run(snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HttpClient, "send", unplugged)
    for line in snippet.text.splitlines():
        words = shlex.split(line, comments=True)
        match words:
            case ["make", target, *_]:
                assert re.search(rf"(?m)^{target}:", makefile)
            case ["pip", "install", "."]:
                pass  # tests/test_wheel.py installs for real
            case ["snowfence", *arguments]:
                with redirect_stdout(io.StringIO()) as printed:
                    code = main(arguments)
                assert code in (0, 1)
                quiet = "--output" in arguments or "update" in arguments  # nothing is new without a network
                assert printed.getvalue() or quiet
            case _:
                pytest.fail(f"nobody tests `{line}`")


@pytest.mark.parametrize("snippet", of("yaml"))
def test_yaml_is_what_it_claims_to_be(snippet: Snippet, tmp_path: Path) -> None:
    data = yaml.safe_load(snippet.text)
    file = tmp_path / "snowfence.yaml"
    if "snowfence" in data:
        file.write_text(snippet.text, "utf-8")
        load_policy(file, "snowfence.yaml")
    elif "jobs" in data:
        workflow = tmp_path / ".github" / "workflows" / "docs.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(snippet.text.replace("<commit>", COMMIT), "utf-8")
        file.write_text("snowfence: 1\nextends: [recommended]\n", "utf-8")
        with redirect_stdout(io.StringIO()) as printed:
            code = main(["scan", str(tmp_path), "--fail-on", "info", "--now", NOW.isoformat()])
        assert code == 0, printed.getvalue()
    else:
        (repo,) = data["repos"]
        known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
        assert {hook["id"] for hook in repo["hooks"]} <= known


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


def test_links_lead_somewhere() -> None:
    for file in FILES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
            if "://" not in target:
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_every_rule_named_in_the_docs_exists() -> None:
    for snippet in snippets():
        for id in re.findall(r"snowfence explain ([a-z-]+)$", snippet.text, re.MULTILINE):
            assert id in places()
