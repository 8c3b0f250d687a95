"""What messages advise, where it depends on the place: following it must not lead into the next error."""

from typing import Any

import pytest

from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, NOW, repository

CALLER = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets: {}\n"
SHA = "08dcb3a5e62fa31e2da3d490afc4176ef55ecd72"


def hits(id: str, files: dict[str, str]) -> list[Hit]:
    rule = load(places()[id])
    graph, problems = repository(files)
    context: Context[Any] = Context(graph, problems, KNOWLEDGE, NOW, rule.options())
    return [answer for answer in rule.check(context) if isinstance(answer, Hit)]


def steps(*lines: str) -> dict[str, str]:
    body = "".join(f"      - {line}\n" for line in lines)
    return {
        ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{body}"
    }


@pytest.mark.parametrize(
    ("on", "advice"),
    [
        (
            "on: workflow_call",
            "declare `KEY` under its `on.workflow_call.secrets` and hand over `KEY` by name",
        ),
        ("on: {workflow_call: {secrets: {key: }}}", "hand over `KEY` by name"),
        (
            "on: {workflow_call: {secrets: {other: {required: true}}}}",
            "declare `KEY` under its `on.workflow_call.secrets` and hand over `KEY`, `OTHER` by name",
        ),
    ],
)
def test_secrets_that_are_handed_over_by_name_are_declared(on: str, advice: str) -> None:
    called = (
        f"{on}\njobs:\n  b:\n    runs-on: x\n    env: {{K: '${{{{ secrets.KEY }}}}'}}\n    steps: [run: x]\n"
    )
    files = {".github/workflows/a.yml": CALLER.format("inherit"), ".github/workflows/b.yml": called}
    (hit,) = hits("secrets-inherit", files)
    assert hit.message.endswith(f"; {advice}")
    # Who follows the advice is not told that the call is invalid.
    names = ["KEY", "OTHER"] if "OTHER" in advice else ["KEY"]
    declared = "on: {workflow_call: {secrets: {" + ", ".join(f"{name}: " for name in names) + "}}}"
    given = "{" + ", ".join(f"{name}: x" for name in names) + "}"
    fixed = {
        ".github/workflows/a.yml": CALLER.format(given),
        ".github/workflows/b.yml": called.replace(on, declared),
    }
    assert not hits("invalid-call", fixed)
    assert not hits("secrets-inherit", fixed)


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("cargo publish", "`rust-lang/crates-io-auth-action`"),
        ("gem push a.gem", "`rubygems/configure-rubygems-credentials`"),
        ("dotnet nuget push a.nupkg", "`NuGet/login`"),
        ("poetry publish", "`pypa/gh-action-pypi-publish`"),
        ("twine upload dist/*", "twine 6.1 or newer then needs nothing more"),
        ("npm publish", "npm 11.5.1 or newer then needs nothing more"),
        ("bun publish", "upload with npm 11.5.1 or newer"),
    ],
)
def test_every_registry_has_its_own_exchange(command: str, advice: str) -> None:
    (hit,) = hits("use-trusted-publishing", steps(f"run: {command}"))
    assert advice in hit.message
    assert "`id-token: write`" in hit.message


def test_a_fixed_version_is_not_advised_again() -> None:
    (hit,) = hits("unverified-download", steps("run: curl https://example.org/v1.4.2/install.sh | sh"))
    assert "fixed version" not in hit.message
    assert "compare its checksum" in hit.message


def test_several_packages_are_installed() -> None:
    (hit,) = hits("adhoc-packages", steps("run: npm install a b"))
    assert hit.message.startswith("`a` and others are installed outside")


def test_names_of_one_commit_are_said_alike_at_every_place() -> None:
    uses = [f"uses: a/b@{SHA} # {name}" for name in ("v4.2.2", "v5", "v4.2.2", "v4", "v5")]
    found = hits("ref-version-mismatch", steps(*uses))
    assert [hit.at.text for hit in found] == ["v5", "v5"]
    assert len({hit.message for hit in found}) == 1
    assert "`v4.2.2`, `v5`, `v4`" in found[0].message


def test_jobs_with_one_label_are_one_finding() -> None:
    jobs = "".join(
        f"  {name}:\n    strategy: {matrix}\n    runs-on: ${{{{ matrix.on }}}}\n    steps: [run: make]\n"
        for name, matrix in (("a", "&all {matrix: {on: [self-hosted]}}"), ("b", "*all"))
    )
    own = "  c:\n    runs-on: self-hosted\n    steps: [run: make]\n"
    guarded = "  d:\n    if: github.actor == 'a'\n    strategy: *all\n    runs-on: ${{ matrix.on }}\n    steps: [run: make]\n"
    found = hits(
        "pr-on-self-hosted-runner",
        {".github/workflows/a.yml": f"on: pull_request\njobs:\n{jobs}{own}{guarded}"},
    )
    assert [hit.variant for hit in found] == [None, None]
    assert [note.message for note in found[0].related].count("so does that of this job") == 2
