"""The tables of advisories: every row is read, and none that is broken stops a scan."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.analysis.uses.versions import exact
from scanner.knowledge import tables
from scanner.knowledge.advisories import Advisory, AdvisoryFacts
from scanner.knowledge.tables import Knowledge
from scanner.knowledge.weaknesses import in_words
from scanner.model.commit import is_commit
from scanner.model.finding import Severity

FACTS = Knowledge().advisories
DATA = Path(tables.__file__).parent / "data"


def table(name: str) -> Any:
    return json.loads((DATA / name).read_text("utf-8"))


ROWS = table("advisories.json")["advisories"]
COMPROMISES = table("compromises.json")["compromises"]


class Rows:
    """Tables in memory."""

    def __init__(self, **rows: Any) -> None:
        names = ("advisories", "compromises", "exploited", "exploit-scores")
        empty: dict[str, Any] = {"advisories": [], "compromises": [], "exploited": {}, "exploit-scores": {}}
        self._tables = {
            f"{name}.json": {name.rpartition("-")[2]: rows.get(name.replace("-", "_"), empty[name])}
            for name in names
        }

    def json(self, name: str) -> Any:
        return self._tables[name]


def facts(**rows: Any) -> AdvisoryFacts:
    return AdvisoryFacts(Rows(**rows))  # type: ignore[arg-type]


def found(row: dict[str, Any]) -> list[Advisory]:
    slugs = {"/".join(part["package"].split("/")[:2]) for part in row["affected"]}
    return [one for slug in slugs for one in FACTS.of(slug) if one.id == row["id"]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_every_row_is_read_whole(row: dict[str, Any]) -> None:
    read = found(row)
    assert sum(len(one.affected) for one in read) == len(row["affected"])
    for one in read:
        assert str(one.severity) == row["severity"]
        assert one.ids == (row["id"], *row["aliases"])
        assert not one.cwe or in_words(one.cwe)
        for part in one.affected:
            for text in (part.introduced, part.fixed, part.last, part.before, *part.versions):
                assert text is None or exact(text) is not None
    for part in row["affected"]:
        assert part["package"] == part["package"].lower()
        assert "://" not in part["package"]
    assert [row["id"] for row in ROWS] == [
        row["id"] for row in sorted(ROWS, key=lambda row: (row["published"], row["id"]))
    ]


@pytest.mark.parametrize("row", COMPROMISES, ids=lambda row: str(row["id"]))
def test_every_compromise_is_about_its_packages(row: dict[str, Any]) -> None:
    assert row["source"].startswith("https://")
    for package in row["packages"]:
        mine = [one for one in FACTS.of(package) if one.id == row["id"]]
        assert len(mine) == 1
        compromise = mine[0].compromise
        assert compromise is not None
        for commit in row["commits"]:
            assert is_commit(commit)
            assert FACTS.compromised_by(commit.upper()) == compromise
            assert FACTS.compromised_by(commit[:7]) == compromise
            assert FACTS.compromised_by(commit[:6]) is None
            assert FACTS.ids_of(compromise) >= {row["id"]}


def test_malicious_code_is_a_hole_without_a_row_of_ours() -> None:
    row = {
        "id": "GHSA-1",
        "aliases": [],
        "severity": "high",
        "cwe": ["CWE-506"],
        "affected": [{"package": "o/r", "fixed": "2"}],
    }
    (one,) = facts(advisories=[row]).of("o/r")
    assert one.compromise is None
    assert one.severity == Severity.CRITICAL


def test_an_advisory_has_a_compromise_for_each_of_its_repositories() -> None:
    first, second = FACTS.of("aquasecurity/trivy-action"), FACTS.of("aquasecurity/setup-trivy")
    ends = {one.compromise.end for one in (*first, *second) if one.compromise is not None}
    assert ends == {"2026-03-20T05:40Z", "2026-03-19T21:44Z"}


def test_whether_all_commits_are_known_and_whether_it_goes_on() -> None:
    row = {
        "id": "X-1",
        "packages": ["o/r"],
        "commits": ["a" * 40],
        "from": "2026-01-01",
        "to": None,
        "what": "x",
    }
    changes: list[dict[str, Any]] = [
        {},
        {"more": True},
        {"commits": []},
        {"to": "2026-01-02"},
        {"from": None},
    ]
    found = [facts(compromises=[{**row, **change}]).of("o/r")[0].compromise for change in changes]
    assert [one.all_commits for one in found if one is not None] == [True, False, False, True, True]
    assert [one.goes_on for one in found if one is not None] == [True, True, True, False, False]


def test_a_repository_that_ran_a_compromised_one_has_no_advisory_of_its_own() -> None:
    (one,) = FACTS.of("reviewdog/action-typos")
    assert one.id == "GHSA-qmg3-hpqr-gqvc"
    assert one.compromise is not None
    assert one.compromise.ran == "reviewdog/action-setup@v1"
    assert one.affected[0].introduced == "0"


def test_a_compromise_counts_where_no_advisory_tells_of_its_repository() -> None:
    rows = [
        {"id": id, "packages": ["o/r"], "commits": ["a" * 40], "from": None, "to": None, "what": "x"}
        for id in ("GHSA-1", "OURS-1")
    ]
    with_advisory, ours = facts(compromises=rows).of("o/r")
    assert [one.affected[0].introduced for one in (with_advisory, ours)] == [None, "0"]


GOOD = {
    "id": "GHSA-1",
    "aliases": [],
    "severity": "high",
    "cwe": [],
    "affected": [{"package": "o/r", "fixed": "2"}],
}


@pytest.mark.parametrize(
    "change",
    [
        {"id": 1},
        {"id": None},
        {"id": "x" * 1000},
        {"id": "GHSA-1`\n"},
        {"severity": "awful"},
        {"severity": ["high"]},
        {"affected": None},
        {"affected": []},
        {"affected": ["o/r"]},
        {"affected": [{"package": "r"}]},
        {"affected": [{"package": "/r"}]},
        {"affected": [{"package": 7}]},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_left_out(change: dict[str, Any]) -> None:
    other = {**GOOD, "id": "GHSA-2"}
    both = facts(
        advisories=[{**GOOD, **change}, "text", None, other], compromises=[None, {"id": "x"}, {"packages": 1}]
    )
    assert [one.id for one in both.of("o/r")] == ["GHSA-2"]


def test_wrong_types_within_a_row_are_left_out() -> None:
    row = {
        **GOOD,
        "aliases": [1, "CVE-1"],
        "cwe": "CWE-1",
        "affected": [{"package": "O/R/Sub/Dir", "fixed": 2, "versions": {}}],
    }
    (one,) = facts(advisories=[row]).of("o/r")
    assert one.aliases == ("CVE-1",)
    assert one.cwe == ()
    assert one.affected[0].path == "sub/dir"
    assert one.affected[0].fixed is None


def test_exploited_and_scores() -> None:
    some = facts(
        exploited={"CVE-1": None},
        exploit_scores={"CVE-1": [0.5, 0.9], "CVE-2": ["x"], "CVE-3": [7, 1], "CVE-4": []},
    )
    assert some.exploited(("GHSA-1", "CVE-1"))
    assert not some.exploited(("GHSA-1",))
    assert some.exploit_score(("CVE-1", "CVE-2")) == 0.5
    assert some.exploit_score(("CVE-2", "CVE-3", "CVE-4")) is None
    wrong = facts(exploited=[], exploit_scores=[])
    assert not wrong.exploited(("CVE-1",))
    assert wrong.exploit_score(("CVE-1",)) is None


def test_what_is_exploited_is_in_the_other_tables() -> None:
    known = {alias for row in ROWS for alias in row["aliases"]}
    known |= {row["id"] for row in table("nix-vulnerabilities.json")["advisories"]}
    assert set(table("exploited.json")["exploited"]) <= known
    assert set(table("exploit-scores.json")["scores"]) <= known


def test_words_for_weaknesses() -> None:
    assert in_words(()) is None
    assert in_words(("CWE-999999",)) is None
    assert in_words(("CWE-20", "CWE-77")) == "command injection"
