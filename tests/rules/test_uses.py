"""Rules about what `uses:` names, where an example on a page would be long."""

from typing import Any

import pytest

from scanner.engine import Context, load, places
from scanner.model.finding import Hit, Unknown
from tests.memory import KNOWLEDGE, NOW, options_of, repository

SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"
OTHER = "8ade135a41bc03ea155e62e844d188df1ea18608"


def answers(id: str, files: dict[str, str], **options: Any) -> list[Hit | Unknown]:
    rule = load(places()[id])
    graph, problems = repository(files)
    return list(rule.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(rule, options))))


def steps(*uses: str) -> dict[str, str]:
    lines = "".join(f"      - uses: {one}\n" for one in uses)
    return {".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{lines}"}


ALIASED = """on: push
jobs:
  a:
    runs-on: x
    steps: &steps
      - &step
        uses: {uses}
      - *step
  b:
    runs-on: x
    steps: *steps
"""


@pytest.mark.parametrize(
    ("id", "uses"),
    [
        ("archived-uses", "actions-rs/cargo@v1"),
        ("missing-version-comment", f"a/b@{SHA}"),
        ("outdated-runtime", "actions/checkout@v3"),
        ("self-repository", "./a"),
        ("superfluous-actions", "sergeysova/jq-action@v2"),
        ("typosquat-uses", "action/checkout@v4"),
        ("unpinned-tools", "aquasecurity/setup-trivy@v1"),
        ("unpinned-uses", "a/b@v1"),
        ("unverified-owner", "somebody/b@v1"),
    ],
)
def test_what_an_alias_repeats_is_said_once(id: str, uses: str) -> None:
    assert len(answers(id, {".github/workflows/a.yml": ALIASED.format(uses=uses)})) == 1


def test_a_deny_list_wins_over_an_allow_list() -> None:
    files = steps("a/b@v1", "a/c@v1", "docker://x", "./a", "a/b")
    (hit,) = answers("forbidden-uses", files, allow=["a/*"], deny=["a/c"])
    assert isinstance(hit, Hit) and hit.at.text == "a/c@v1"
    assert len(answers("forbidden-uses", files, deny=["*"])) == 2


def test_an_allow_list_of_nothing_readable_allows_nothing() -> None:
    assert len(answers("forbidden-uses", steps("a/b@v1"), allow=["nonsense"])) == 1


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("{Version: Latest}", 0),
        ("{VERSION: latest}", 1),
        ("{version: ' latest '}", 1),
        ("{version: '1.${{ matrix.minor }}'}", 0),
        ("{version: '${{ matrix.version }}'}", 1),
        ("{version: '${{ inputs.x || ''latest'' }}'}", 1),
    ],
)
def test_versions_of_tools(given: str, found: int) -> None:
    text = steps("aquasecurity/setup-trivy@v1")[".github/workflows/a.yml"] + f"        with: {given}\n"
    assert len(answers("unpinned-tools", {".github/workflows/a.yml": text})) == found


def test_the_usual_version_is_taken_for_right() -> None:
    files = steps(f"a/b@{OTHER} # v1.2.3", f"a/b@{SHA} # v1.2.3", f"a/b@{SHA} # v1.2.3", f"a/b@{SHA} # v1")
    (hit,) = answers("ref-version-mismatch", files)
    assert isinstance(hit, Hit) and hit.at.begin.line == 6
    assert [note.at.begin.line for note in hit.related] == [7]


def test_a_short_commit_that_is_the_pin_is_fine() -> None:
    assert not answers("ref-version-mismatch", steps(f"a/b@{SHA} # v1.2.3 {SHA[:8]}"))
    assert len(answers("ref-version-mismatch", steps(f"a/b@{SHA} # {OTHER[:8]}"))) == 1


def test_versions_that_github_refuses() -> None:
    uses = (
        "actions/cache@v3.3.9",
        "actions/cache@v3.4.0",
        "actions/cache@v4.1",
        "actions/cache@v4.2.0",
        "actions/cache/save@v4",
    )
    found = [hit.variant for hit in answers("outdated-runtime", steps(*uses)) if isinstance(hit, Hit)]
    assert found == ["refused", None, "refused"]


def test_one_finding_for_each_owner_and_version() -> None:
    files = steps(
        "some/a@v1", "some/b@v1", "actions/checkout@v3", "actions/checkout@v3", "actions/checkout@v2"
    )
    assert len(answers("unverified-owner", files)) == 1
    assert len(answers("outdated-runtime", files)) == 2
    assert len(answers("mixed-pins", files)) == 1
