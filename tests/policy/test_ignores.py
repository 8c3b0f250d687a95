"""Comments take findings out of a report: where they stand, and what they cannot reach."""

from pathlib import Path

import pytest

from scanner.analysis.ignores import Ignores
from scanner.model.source import Source, Span
from scanner.parse.ignores import silenced
from tests.support import snowfence

RULES = {"unpinned-uses": ("zizmor:unpinned-uses",), "template-injection": ("zizmor:template-injection",)}


def workflow(step: str, head: str = "on: push") -> str:
    return f"{head}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{step}"


def is_silenced(text: str, what: str, rule: str = "unpinned-uses", kind: str = "workflow") -> bool:
    source = Source("file", kind, text)
    at = text.index(what)
    return Ignores([source], RULES).of(rule, Span(source, at, at + len(what))) is not None


@pytest.mark.parametrize(
    "step",
    [
        "      - uses: a/b@v1 # snowfence: ignore[unpinned-uses]\n",
        "      - uses: a/b@v1 # snowfence: ignore[unpinned-uses, template-injection] because\n",
        "      - uses: a/b@v1 #zizmor:ignore[unpinned-uses]\n",
        "      - uses: a/b@v1 # v1 # snowfence: ignore[unpinned-uses]\n",
        "      - name: x # snowfence: ignore[unpinned-uses]\n        uses: a/b@v1\n",
        "      - uses: a/b@v1\n        with:\n          x: y # snowfence: ignore[unpinned-uses]\n",
        "      # snowfence: ignore[unpinned-uses]\n      - uses: a/b@v1\n",
        "      # snowfence: ignore[unpinned-uses]\n      # and more\n\n      - uses: a/b@v1\n",
        '      - name: "# no"\n        uses: a/b@v1 # snowfence: ignore[unpinned-uses]\n',
        "      - uses: a/b@v1 # zizmor: ignore[artipacked] # snowfence: ignore[unpinned-uses]\n",
        "      - uses: a/b@v1\r\n        # snowfence: ignore[unpinned-uses]\r\n        with: {}\r\n",
    ],
)
def test_speaks_of_its_step(step: str) -> None:
    assert is_silenced(workflow(step), "a/b@v1")


@pytest.mark.parametrize(
    "step",
    [
        "      - uses: a/b@v1 # snowfence: ignore[artipacked]\n",
        "      - uses: a/b@v1 # snowfence: ignore\n",
        "      - uses: a/b@v1 # snowfence: ignore[*]\n",
        "      - uses: a/b@v1 # snowfence: ignore[]\n",
        "      - uses: a/b@v1 # other: ignore[unpinned-uses]\n",
        "      - uses: a/b@v1\n      - run: x # snowfence: ignore[unpinned-uses]\n",
        '      - uses: a/b@v1\n        name: "# snowfence: ignore[unpinned-uses]"\n',
        "      - uses: a/b@v1\n        name: x# snowfence: ignore[unpinned-uses]\n",
        "      - uses: a/b@v1\n        with:\n          script: |\n            # zizmor: ignore[unpinned-uses]\n",
        "      # snowfence: ignore[unpinned-uses]\n      - run: x\n      - uses: a/b@v1\n",
        "      - uses: a/b@v1\n        name: x\u00a0#snowfence:ignore[unpinned-uses]\n",
        "      - uses: a/b@v1\n        name: x\u2028#snowfence:ignore[unpinned-uses]\n",
        "      - uses: a/b@v1\n        with:\n          #\n          snowfence:ignore[unpinned-uses]: x\n",
        "      - uses: a/b@v1\n        with:\n          body: |\n            x # snowfence: ignore[unpinned-uses]\n",
        "      - uses: a/b@v1 # snowfence: ignore-all[unpinned-uses]\n",
    ],
)
def test_does_not_reach(step: str) -> None:
    assert not is_silenced(workflow(step), "a/b@v1")


def test_a_comment_of_a_script_counts() -> None:
    step = "      - run: |\n          make\n          echo ${{ x }} # snowfence: ignore[template-injection]\n"
    assert is_silenced(workflow(step), "${{ x }}", "template-injection")


@pytest.mark.parametrize("header", ["|", ">-", "|2"])
def test_a_comment_behind_the_header_of_a_block(header: str) -> None:
    step = f"      - run: {header} # zizmor: ignore[template-injection]\n          echo ${{{{ x }}}}\n"
    assert is_silenced(workflow(step), "${{ x }}", "template-injection")


def test_entries_do_not_speak_for_each_other() -> None:
    text = "permissions:\n  packages: write\n  statuses: write # snowfence: ignore[unpinned-uses]\n  checks: write\n"
    assert is_silenced(text, "statuses")
    assert not is_silenced(text, "packages")
    assert not is_silenced(text, "checks")
    assert is_silenced(
        f"permissions: # snowfence: ignore[unpinned-uses]\n{text.partition(chr(10))[2]}", "packages"
    )


def test_entries_of_workflows_and_jobs() -> None:
    head = "on: # snowfence: ignore[unpinned-uses]\n  push:\n  pull_request_target:"
    assert is_silenced(workflow("      - run: x\n", head), "pull_request_target")
    assert not is_silenced(workflow("      - run: x\n", head), "build")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ('- run: "make # snowfence: ignore[artipacked]"', ""),
        ("- run: 'make # snowfence: ignore[artipacked] why '", "why"),
        ('- {run: "make # snowfence: ignore[artipacked] why", name: x}', "why"),
        ('- run: "make\n\n          # snowfence: ignore[artipacked]\n          make"', ""),
        (
            "- run: |\n          cat <<END\n          # snowfence: ignore[artipacked] why\n          END",
            "why",
        ),
    ],
)
def test_a_comment_of_a_script_ends_with_it_and_is_not_certain(step: str, reason: str) -> None:
    found = silenced(Source("file", "workflow", workflow(f"      {step}\n")))
    assert found is not None
    [comment] = found.comments
    assert not comment.certain
    assert comment.reason == reason
    assert comment.at.text == f"# snowfence: ignore[artipacked] {reason}".rstrip()


@pytest.mark.parametrize(
    "step",
    [
        '- run: "make # snowfence: ignore[artipacked", name: "]"',
        "- run: make\n---\na: 'b # snowfence: ignore[artipacked]'",
        "- run: [ # snowfence: ignore[artipacked]",
    ],
)
def test_where_a_text_does_not_end_nothing_is_certain(step: str) -> None:
    found = silenced(Source("file", "workflow", workflow(f"      {step}\n")))
    assert found is None or not any(comment.certain for comment in found.comments)


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("{ } # snowfence: ignore[x]\n", [True]),
        ('{ a = "${b}"; } # snowfence: ignore[x]\n', [True]),
        ('{ a = "${b} # snowfence: ignore[x]"; }\n', []),
        ('{ a = "${{ c = "${d} # snowfence: ignore[x]"; }.c} # snowfence: ignore[x]"; }\n', []),
        ('{ a = "${b # snowfence: ignore[x]\n}"; }\n', [True]),
        ("{ a = ''\n  # snowfence: ignore[x]\n  ${b}\n  # snowfence: ignore[x]\n''; }\n", []),
        ("{ /* # snowfence: ignore[x] */ }\n", [False]),
        ('{ } # snowfence: ignore[x]\n"', [False]),
    ],
)
def test_comments_of_nix(text: str, certain: list[bool]) -> None:
    found = silenced(Source("flake.nix", "flake-nix", text))
    assert [comment.certain for comment in found.comments] == certain if found is not None else not certain


def test_languages_with_comments_of_their_own() -> None:
    assert is_silenced(
        '{\n  inputs.a.url = "b"; # snowfence: ignore[unpinned-uses]\n}\n', "b", kind="flake-nix"
    )
    assert not is_silenced('{ a = "b # snowfence: ignore[unpinned-uses]"; }\n', "b", kind="flake-nix")
    assert is_silenced("sandbox = false # snowfence: ignore[unpinned-uses]\n", "false", kind="nix-conf")
    assert silenced(Source("flake.lock", "flake-lock", "# snowfence: ignore[unpinned-uses]")) is None


def test_further_lines_of_a_finding() -> None:
    text = "jobs:\n  call:\n    uses: ./x\n    secrets: inherit # snowfence: ignore[unpinned-uses]\n"
    source = Source("file", "workflow", text)
    at, other = (Span(source, text.index(word), text.index(word) + 1) for word in ("./x", "inherit"))
    assert Ignores([source], RULES).of("unpinned-uses", at) is None
    assert Ignores([source], RULES).of("unpinned-uses", at, [other]) is not None
    assert Ignores([source], RULES).of("unpinned-uses", at, [other, at]) is None


def test_aliased_steps() -> None:
    step = "      - &one\n        uses: a/b@v1 # snowfence: ignore[unpinned-uses]\n      - *one\n      - uses: c/d@v1\n"
    text = workflow(step)
    assert is_silenced(text, "a/b@v1")
    assert not is_silenced(text, "c/d@v1")


def test_the_report_says_how_many(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    step = "      - uses: a/b@v1 # snowfence: ignore[unpinned-uses] ours\n"
    (folder / "ci.yml").write_text(workflow(step, "on: push\npermissions: {}"))
    said = snowfence("scan", tmp_path).stdout
    assert "unpinned-uses" not in said
    assert "1 ignored by comments" in said
    assert '"reason": "ours"' in snowfence("scan", tmp_path, "--format", "json").stdout
    assert "a/b@v1" in snowfence("scan", tmp_path, "--no-ignores", expect=(1,)).stdout
