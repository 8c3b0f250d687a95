"""OSV's dump and GitHub's list become rows of `advisories.json`."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.adapters.sources.advisories import MAX_PARTS, Row, bounds, merged, package
from scanner.adapters.sources.cvss import base_score, severity_of
from scanner.adapters.sources.dump import MAX_MEMBER, MAX_MEMBERS, MAX_TOTAL, DumpError, records
from scanner.adapters.sources.github_advisories import MAX_PAGES, GitHubAdvisories
from scanner.adapters.sources.github_advisories import row_of as github_row_of
from scanner.adapters.sources.osv import Osv, row_of
from scanner.adapters.sources.source import Seen, Unchanged
from tests.adapters.sources.asking import Answers, ask, client, fetched, reason
from tests.feeds import (
    GITHUB_PATH,
    OSV_PATH,
    advisory,
    conditional,
    dump,
    index,
    known_records,
    record,
    record_of,
    serve_osv,
    shipped,
    urls,
    zipped,
)
from tests.server import Answer, Server, json_of
from tests.support import SHARED

FACTS = SHARED / "data" / "gha-advisories.json"


def by_id(table: Any) -> dict[str, Any]:
    return {row["id"]: row for row in table["advisories"]}


def osv(server: Server, seen: Seen | None = None, table: Any = shipped) -> Any:
    return ask(Osv(), client(), urls(server)["osv"], seen=seen, table=table)


def github(server: Server, seen: Seen | None = None, table: Any = shipped, token: str = "") -> Any:
    return ask(
        GitHubAdvisories(), client(), urls(server)["github-advisories"], seen=seen, table=table, token=token
    )


def affected_of(*affected: dict[str, Any]) -> Any:
    row = row_of(record(affected=list(affected)))
    return row["affected"] if row is not None else None


def here(name: str = "octo/action", **more: Any) -> dict[str, Any]:
    return {"package": {"ecosystem": "GitHub Actions", "name": name}} | more


def range_(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"type": kind, "events": list(events)}


@pytest.mark.skipif(not FACTS.is_file(), reason=f"needs {FACTS.name}, which is not part of the checkout")
def test_the_facts_of_the_database_become_the_shipped_table(server: Server) -> None:
    serve_osv(server, [record_of(fact) for fact in json.loads(FACTS.read_text("utf-8"))["advisories"]])
    done = fetched(osv(server, table=lambda name: None))
    assert by_id(done.tables["advisories.json"]) == by_id(shipped("advisories.json"))
    assert not done.remarks


def test_rows_of_the_shipped_table_stay_what_they_are(server: Server) -> None:
    serve_osv(server, known_records())
    done = fetched(osv(server))
    assert done.tables["advisories.json"]["advisories"] == sorted(
        shipped("advisories.json")["advisories"], key=lambda row: (row["published"], row["id"])
    )
    assert not done.new


def test_a_table_says_where_it_is_from(server: Server) -> None:
    serve_osv(server, [*known_records(), record()])
    table = fetched(osv(server)).tables["advisories.json"]
    assert (table["date"], table["goes_stale"], table["licence"]) == ("2026-11-23", True, "CC-BY 4.0")
    assert "by way of 127.0.0.1" in str(table["source"])
    assert table["about"] == shipped("advisories.json")["about"]


def test_a_row_has_facts_and_no_words() -> None:
    assert row_of(record(package="Octo/Action")) == {
        "id": "GHSA-aaaa-bbbb-cccc",
        "aliases": ["CVE-2026-10001"],
        "severity": "high",
        "published": "2026-10-01",
        "modified": "2026-10-02",
        "cwe": ["CWE-78"],
        "affected": [
            {
                "package": "octo/action",
                "introduced": "0",
                "fixed": "2.0.1",
                "last": None,
                "before": None,
                "versions": [],
            }
        ],
    }


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Azure/setup-kubectl", "azure/setup-kubectl"),
        ("super-linter/super-linter/slim", "super-linter/super-linter/slim"),
        ("https://github.com/pytorch/pytorch/.github/actions/x", "pytorch/pytorch/.github/actions/x"),
        ("http://github.com/Octo/Action.git", "octo/action"),
        ("github.com/octo/action/", "octo/action"),
        ("octo", ""),
        ("octo/../action", ""),
        ("https://example.org/octo/action", ""),
        ("octo/action@v1", ""),
        ("octo/act ion", ""),
        ("", ""),
        (None, ""),
        (["octo/action"], ""),
    ],
)
def test_names_of_packages(written: object, name: str) -> None:
    assert package(written) == name


@pytest.mark.parametrize(
    ("events", "more", "rows"),
    [
        ([{"introduced": "0"}, {"fixed": "41"}], {}, [("0", "41", None, None)]),
        ([{"introduced": "0"}, {"last_affected": "3.0.0"}], {}, [("0", None, "3.0.0", None)]),
        (
            [{"introduced": "1"}, {"fixed": "1.2"}, {"introduced": "2"}, {"fixed": "2.3"}],
            {},
            [("1", "1.2", None, None), ("2", "2.3", None, None)],
        ),
        (
            [{"introduced": "0"}],
            {"last_known_affected_version_range": "< 2.0.1"},
            [("0", None, None, "2.0.1")],
        ),
        (
            [{"introduced": "0"}],
            {"last_known_affected_version_range": "<= 2.0.1"},
            [("0", None, "2.0.1", None)],
        ),
        (
            [{"introduced": "0"}, {"fixed": "1.1.1"}],
            {"last_known_affected_version_range": "<= 1.1.0"},
            [("0", "1.1.1", None, None)],
        ),
        ([{"introduced": "0"}], {}, [("0", None, None, None)]),
        (
            [{"introduced": "v1.0"}, {"introduced": "v2"}],
            {},
            [("v1.0", None, None, None), ("v2", None, None, None)],
        ),
        ([{"fixed": "2"}], {}, []),
        ([{"introduced": "0"}, {"limit": "3"}], {}, [("0", None, None, None)]),
    ],
)
def test_ranges(
    events: list[dict[str, str]], more: dict[str, str], rows: list[tuple[str | None, ...]]
) -> None:
    found = affected_of(here(ranges=[range_(*events)], database_specific=more)) or []
    assert [tuple(one[key] for key in ("introduced", "fixed", "last", "before")) for one in found] == rows


def test_versions_alone_and_beside_ranges() -> None:
    [alone] = affected_of(here(versions=["1"]))
    assert (alone["introduced"], alone["versions"]) == (None, ["1"])
    ranged, listed = affected_of(
        here(ranges=[range_({"introduced": "2"}, {"fixed": "3"})], versions=["1", "", 7, "a b"])
    )
    assert (ranged["introduced"], ranged["versions"], listed["versions"]) == ("2", [], ["1"])


def test_only_actions_and_only_versions_count() -> None:
    assert affected_of({"package": {"ecosystem": "npm", "name": "octo/action"}}) is None
    assert affected_of(here(ranges=[range_({"introduced": "0"}, kind="GIT")])) is None
    [one] = affected_of(
        {"package": {"ecosystem": "npm", "name": "octo"}, "versions": ["1"]}, here("octo/two", versions=["2"])
    )
    assert one["package"] == "octo/two"


def test_severity_is_the_word_else_the_vector_else_the_middle() -> None:
    assert (row_of(record(database_specific={"severity": "MODERATE"})) or {})["severity"] == "medium"
    assert (row_of(record(database_specific={})) or {})["severity"] == "high"
    assert (row_of(record(database_specific=None, severity=None)) or {})["severity"] == "medium"


@pytest.mark.parametrize(
    ("vector", "score"),
    # worked examples of https://www.first.org/cvss/v3.1/examples
    [
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("CVSS:3.1/AV:X", None),
        ("", None),
    ],
)
def test_scores_of_cvss(vector: str, score: float | None) -> None:
    assert base_score(vector) == score


def test_a_score_has_a_word() -> None:
    assert severity_of("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H") == "critical"
    assert severity_of("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N") == ""


def test_what_is_withdrawn_leaves_the_table(server: Server) -> None:
    gone, *others = known_records()
    serve_osv(server, [gone | {"withdrawn": "2026-11-01T00:00:00Z"}, *others, record()])
    done = fetched(osv(server))
    assert gone["id"] not in by_id(done.tables["advisories.json"])
    assert len(done.new) == 1


def test_what_a_feed_no_longer_lists_stays(server: Server) -> None:
    _, *others = known_records()
    serve_osv(server, others)
    assert by_id(fetched(osv(server)).tables["advisories.json"]) == by_id(shipped("advisories.json"))


def test_the_index_saves_the_dump(server: Server) -> None:
    serve_osv(server, [*known_records(), record()])
    first = fetched(osv(server))
    assert isinstance(osv(server, first.seen), Unchanged)
    assert [path.rsplit("/", 1)[-1] for path in server.paths()] == [
        "modified_id.csv",
        "all.zip",
        "modified_id.csv",
    ]
    # a mirror that knows no validators
    server.on(f"{OSV_PATH}/modified_id.csv", Answer(200, index([*known_records(), record()])))
    assert isinstance(osv(server, first.seen), Unchanged)
    # what is remembered of one address, says nothing about another
    serve_osv(server, [*known_records(), record()])
    other = f"{server.url}/OSV/../osv/GitHub%20Actions"
    assert not isinstance(ask(Osv(), client(), other, seen=first.seen), Unchanged)


def test_a_dump_that_lags_behind_its_index_is_asked_for_again(server: Server) -> None:
    records = [*known_records(), record()]
    serve_osv(server, records)
    server.on(f"{OSV_PATH}/all.zip", Answer(200, dump(known_records())))
    first = fetched(osv(server))
    assert first.seen == Seen()
    server.on(f"{OSV_PATH}/all.zip", Answer(200, dump(records)))
    assert len(fetched(osv(server, first.seen)).new) == 1


def test_a_dump_that_shrank_is_refused(server: Server) -> None:
    serve_osv(server, known_records()[:20])
    assert reason(osv(server)) == (
        f"the answer has 20 advisories where there were {len(known_records())}, which is too few to be right"
    )


def test_records_that_cannot_be_read_are_left_out_and_said(server: Server) -> None:
    serve_osv(server, known_records())
    members = {f"{one['id']}.json": json.dumps(one).encode() for one in known_records()}
    more = {"GHSA-zzzz.json": b"{", "notes.txt": b"", "../../evil.json": b"{}", "GHSA-list.json": b"[]"}
    server.on(f"{OSV_PATH}/all.zip", Answer(200, zipped(members | more)))
    assert fetched(osv(server)).remarks == ("4 records could not be read",)


def hostile(name: str, body: bytes, claimed: int) -> bytes:
    """An archive whose directory lies about the size of its member."""
    data = bytearray(zipped({name: body}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(mark) + at
        data[start : start + 4] = claimed.to_bytes(4, "little")
    return bytes(data)


def why(archive: bytes) -> str:
    """Why an archive is no dump, empty for one that is."""
    try:
        list(records(archive))
    except DumpError as error:
        return str(error)
    return ""


def test_archives_are_bounded() -> None:
    bomb = zipped({"a.json": b" " * (MAX_MEMBER + 1)})
    assert why(bomb) == "a record of the dump is larger than 1 MB"
    assert why(hostile("a.json", b" " * (MAX_MEMBER * 4), 10))
    many = zipped({f"{number}.json": b" " * MAX_MEMBER for number in range(MAX_TOTAL // MAX_MEMBER + 1)})
    assert why(many) == "the dump unpacks to more than 16 MB"
    assert why(b"PK\x01\x02" * (MAX_MEMBERS + 1)) == "the dump has more than 20,000 members"


def test_archives_that_are_none() -> None:
    good = dump([record()])
    damaged = "the dump is not a ZIP archive, or it is damaged"
    flipped = bytearray(good)
    flipped[60] ^= 0xFF
    encrypted = bytearray(good)
    encrypted[good.index(b"PK\x01\x02") + 8] |= 1
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.json", b"{}")
    for data in (b"", b"<html>", good[:-10], bytes(flipped), bytes(encrypted), packed.getvalue()):
        assert why(data) == damaged


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_no_archive_raises(more: bytes, at: int, octet: int) -> None:
    data = bytearray(dump([record()]))
    data[at % len(data)] = octet
    why(bytes(data))
    why(more)
    why(bytes(data[: len(data) // 2]) + more + bytes(data[len(data) // 2 :]))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("< 2.0.1", (None, None, "2.0.1", ())),
        (">= 4.3.0, < 4.3.5", ("4.3.0", None, "4.3.5", ())),
        ("<= 1.0.8", (None, "1.0.8", None, ())),
        ("= 0.2.0", (None, None, None, ("0.2.0",))),
        ("=1", (None, None, None, ("1",))),
        ("> 1, <= 3", ("1", "3", None, ())),
        ("", None),
        ("two", None),
        ("< 2 || > 3", None),
        (None, None),
        (7, None),
    ],
)
def test_ranges_in_words(written: object, said: tuple[Any, ...] | None) -> None:
    assert bounds(written) == said


def test_github_adds_what_osv_lacks(server: Server) -> None:
    server.on(GITHUB_PATH, json_of([advisory()]))
    done = fetched(github(server))
    assert (len(done.new), done.rows) == (1, len(known_records()) + 1)
    row = by_id(done.tables["advisories.json"])["GHSA-dddd-eeee-ffff"]
    assert (row["aliases"], row["severity"], row["cwe"]) == (["CVE-2026-20002"], "high", ["CWE-78"])
    assert row["affected"] == [
        {
            "package": "octo/other",
            "introduced": "0",
            "fixed": "2.0.1",
            "last": None,
            "before": None,
            "versions": [],
        }
    ]
    assert [path.split("type=")[1].split("&")[0] for path in server.paths()] == ["reviewed", "malware"]


def test_the_newer_row_wins_and_osv_on_the_same_day(server: Server) -> None:
    old = shipped("advisories.json")["advisories"][0]
    for updated, wins in (("2001-01-01", False), (old["modified"], False), ("2026-11-01", True)):
        given = advisory(old["id"], updated_at=f"{updated}T00:00:00Z", severity="low")
        server.on(GITHUB_PATH, json_of([given]))
        row = by_id(fetched(github(server)).tables["advisories.json"])[old["id"]]
        assert (row["severity"] == "low") is wins
    serve_osv(server, [*known_records()[1:], known_records()[0] | {"database_specific": {"severity": "LOW"}}])
    assert by_id(fetched(osv(server)).tables["advisories.json"])[old["id"]]["severity"] == "low"


def test_malware_is_malicious_code(server: Server) -> None:
    given = advisory(type="malware", cwes=[], vulnerabilities=[vulnerability("= 1.2.3", None)])
    row = github_row_of(given) or {}
    assert row["cwe"] == ["CWE-506"]
    assert row["affected"] == [
        {
            "package": "octo/other",
            "introduced": None,
            "fixed": None,
            "last": None,
            "before": None,
            "versions": ["1.2.3"],
        }
    ]


def vulnerability(range_: object, fixed: object) -> dict[str, Any]:
    return {
        "package": {"ecosystem": "actions", "name": "octo/other"},
        "vulnerable_version_range": range_,
        "first_patched_version": fixed,
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (vulnerability(">= 1.0, < 2.0.1", {"identifier": "2.0.1"}), ("1.0", "2.0.1", None, None)),
        (vulnerability("<= 3.0.0", None), ("0", None, "3.0.0", None)),
        (vulnerability("< 3", None), ("0", None, None, "3")),
        (vulnerability(None, None), ("0", None, None, None)),
    ],
)
def test_versions_of_github(given: dict[str, Any], said: tuple[str | None, ...]) -> None:
    row: Any = github_row_of(advisory(vulnerabilities=[given]))
    [found] = row["affected"]
    assert tuple(found[key] for key in ("introduced", "fixed", "last", "before")) == said


def test_what_github_withdraws_leaves_the_table(server: Server) -> None:
    known = shipped("advisories.json")["advisories"][0]["id"]
    server.on(GITHUB_PATH, json_of([advisory(known, withdrawn_at="2026-11-01T00:00:00Z")]))
    assert known not in by_id(fetched(github(server)).tables["advisories.json"])


@pytest.mark.parametrize("feed", ["osv", "github"])
def test_who_withdraws_most_of_the_table_is_not_believed(server: Server, feed: str) -> None:
    known = [row["id"] for row in shipped("advisories.json")["advisories"]]
    half = len(known) // 2

    def withdraw(number: int) -> Any:
        gone = known[:number]
        if feed == "github":
            server.on(
                GITHUB_PATH, json_of([advisory(one, withdrawn_at="2026-11-01T00:00:00Z") for one in gone])
            )
            return github(server)
        rest = [one for one in known_records() if one["id"] not in gone]
        # others in their place, so that there are not fewer
        others = [record(f"GHSA-2222-2222-{number:04}") for number in range(len(gone))]
        marked = [record(one, withdrawn="2026-11-01T00:00:00Z") for one in gone]
        serve_osv(server, [*rest, *others, *marked])
        return osv(server)

    assert set(known[:half]).isdisjoint(by_id(fetched(withdraw(half)).tables["advisories.json"]))
    for number in (half + 1, len(known)):
        assert reason(withdraw(number)) == (
            f"the answer withdraws {number} of {len(known)} advisories, which is too many to be right"
        )


def test_the_only_one_may_be_withdrawn(server: Server) -> None:
    row = shipped("advisories.json")["advisories"][0]
    server.on(GITHUB_PATH, json_of([advisory(row["id"], withdrawn_at="2026-11-01T00:00:00Z")]))
    done = fetched(github(server, table=lambda name: {"advisories": [row]}))
    assert done.rows == 0


def test_the_same_thing_under_another_id_is_one_row(server: Server) -> None:
    serve_osv(server, [*known_records(), record(), record("MAL-2026-77", aliases=["GHSA-aaaa-bbbb-cccc"])])
    assert len(fetched(osv(server)).new) == 1


def first_page(kind: str) -> str:
    return f"{GITHUB_PATH}?ecosystem=actions&type={kind}&sort=updated&direction=desc&per_page=100"


def test_pages_are_followed_at_this_server_only(server: Server) -> None:
    link = '<https://evil.example/advisories?after=abc%3D%3D&x=1>; rel="next", <https://x/>; rel="first"'
    server.on(first_page("reviewed"), json_of([advisory()], link=link))
    server.on(f"{first_page('reviewed')}&after=abc%3D%3D", json_of([advisory("GHSA-2222-2222-2222")]))
    server.on(first_page("malware"), json_of([]))
    assert len(fetched(github(server)).new) == 2
    assert len(server.asked) == 3


def test_pages_end(server: Server) -> None:
    server.on(GITHUB_PATH, json_of([advisory()], link='<https://x/?after=again>; rel="next"'))
    assert reason(github(server)) == f"there are more than {MAX_PAGES} pages of advisories"
    assert len(server.asked) == MAX_PAGES


def test_a_page_has_no_more_than_was_asked_for(server: Server) -> None:
    server.on(GITHUB_PATH, json_of([{}] * 101))
    assert reason(github(server)) == "the server's answer has more advisories than were asked for"


def test_versions_are_bounded_over_all_advisories(server: Server) -> None:
    """Each advisory is within its bounds."""
    many = [here(f"octo/action-{number}", versions=[str(one) for one in range(200)]) for number in range(20)]
    given = [record(f"GHSA-2222-2222-{number:04}", affected=many) for number in range(10)]
    serve_osv(server, [*known_records(), *given[:3]])
    assert fetched(osv(server)).new
    serve_osv(server, [*known_records(), *given])
    assert reason(osv(server)) == f"the dump has more than {MAX_PARTS:,} affected versions"
    several = [vulnerability("< 2", None) for _ in range(200)]
    pages = [advisory(f"GHSA-2222-2222-{number:04}", vulnerabilities=several) for number in range(100)]
    server.on(GITHUB_PATH, json_of(pages))
    assert reason(github(server)) == f"the answer has more than {MAX_PARTS:,} affected versions"


def test_what_has_not_changed_is_not_read_again(server: Server) -> None:
    server.on(GITHUB_PATH, conditional(json_of([advisory()]), '"one"'))
    first = fetched(github(server))
    assert isinstance(github(server, first.seen), Unchanged)
    assert len(server.asked) == 4


def test_a_token_is_for_githubs_api_alone() -> None:
    http = Answers(b"[]")
    ask(GitHubAdvisories(), http, GitHubAdvisories.url, token="hush")
    assert {one.secret for one in http.asked} == {"Bearer hush"}
    for url in (
        "https://mirror.example/advisories",
        "https://api.github.com.evil.example/",
        "http://api.github.com/x",
    ):
        http = Answers(b"[]")
        ask(GitHubAdvisories(), http, url, token="hush")
        assert {one.secret for one in http.asked} == {""}


_IDS = st.sampled_from(["GHSA-aaaa-aaaa-aaaa", "GHSA-bbbb-bbbb-bbbb", "MAL-2026-1", "MAL-2026-2"])
_ROWS: st.SearchStrategy[dict[str, Row]] = st.dictionaries(
    _IDS,
    st.fixed_dictionaries(
        {
            "modified": st.sampled_from(["2026-01-01", "2026-01-02"]),
            "published": st.sampled_from(["2025-01-01", "2025-01-02"]),
            "severity": st.sampled_from(["low", "high"]),
            "aliases": st.lists(_IDS, max_size=1),
        }
    ),
)


@given(_ROWS, _ROWS, st.sets(_IDS), st.booleans())
def test_merging_loses_nothing_that_nobody_withdrew(
    before: dict[str, Row], rows: dict[str, Row], withdrawn: set[str], as_new: bool
) -> None:
    together = merged(before, rows, withdrawn, as_new=as_new)
    lost = (before.keys() | rows.keys()) - together.rows.keys() - withdrawn
    assert all(known.startswith("MAL-") for known in lost)  # said under GitHub's id
    assert all(row in (before.get(known), rows.get(known)) for known, row in together.rows.items())
    assert set(together.new) == together.rows.keys() - before.keys()
    again = merged(together.rows, {}, (), as_new=as_new)
    assert list(again.rows.items()) == list(together.rows.items()) and not again.new
