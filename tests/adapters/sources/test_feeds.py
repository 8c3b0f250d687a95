"""The feeds that are one document: exploited holes, their scores, releases of NixOS, the registry of flakes."""

from typing import Any

import pytest

from scanner.adapters.sources.endoflife import EndOfLife
from scanner.adapters.sources.epss import Epss
from scanner.adapters.sources.flake_registry import FlakeRegistry
from scanner.adapters.sources.kev import Kev
from scanner.adapters.sources.source import Seen, Unchanged
from tests.adapters.sources.asking import Answers, ask, client, fetched, reason, rows
from tests.feeds import (
    ENDOFLIFE_PATH,
    EPSS_PATH,
    KEV_PATH,
    REGISTRY_PATH,
    catalogue,
    conditional,
    product,
    registry,
    scores,
    shipped,
    urls,
)
from tests.server import Server, json_of

RELEASES = shipped("nixos-releases.json")["releases"]
FLAKES = shipped("flake-registry.json")["flakes"]
EXPLOITED = shipped("exploited.json")["exploited"]


def kev(server: Server, seen: Seen | None = None, table: Any = shipped) -> Any:
    return ask(Kev(), client(), urls(server)["kev"], seen=seen, table=table)


def ours(*cves: str) -> Any:
    """Tables that know these CVEs and nothing else."""

    def table(name: str) -> Any:
        match name:
            case "advisories.json":
                return {
                    "advisories": [
                        {"id": f"GHSA-{number:04}-aaaa-aaaa", "aliases": [one]}
                        for number, one in enumerate(cves)
                    ]
                }
            case _:
                return None

    return table


def test_only_our_holes_are_kept(server: Server) -> None:
    server.on(KEV_PATH, json_of(catalogue(EXPLOITED)))
    done = kev(server)
    assert rows(done, "exploited.json", "exploited") == EXPLOITED
    assert not fetched(done).new


def test_a_hole_of_nix_counts(server: Server) -> None:
    server.on(KEV_PATH, json_of(catalogue(EXPLOITED | {"CVE-2026-44028": "not a day"})))
    assert rows(kev(server), "exploited.json", "exploited")["CVE-2026-44028"] is None


def test_the_catalogue_is_read_again_for_an_advisory_that_was_not_there(server: Server) -> None:
    server.on(KEV_PATH, conditional(json_of(catalogue({"CVE-2026-11111": "2026-01-01"})), '"kev"'))
    first = fetched(kev(server, table=ours("CVE-2025-00001")))
    assert first.rows == 0
    assert isinstance(kev(server, first.seen, ours("CVE-2025-00001")), Unchanged)
    assert fetched(kev(server, first.seen, ours("CVE-2025-00001", "CVE-2026-11111"))).rows == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"count": 4_000}, "the catalogue announces 4,000 vulnerabilities and has 23"),
        ({"vulnerabilities": None}, "the server's answer is no catalogue of vulnerabilities"),
        (
            {"vulnerabilities": [], "count": 0},
            "the answer has 0 of the advisories here where there were 3, which is too few to be right",
        ),
    ],
)
def test_a_catalogue_that_is_none(server: Server, change: dict[str, Any], why: str) -> None:
    server.on(KEV_PATH, json_of(catalogue(EXPLOITED) | change))
    assert reason(kev(server)) == why


def test_a_catalogue_that_shrank_is_refused(server: Server) -> None:
    server.on(KEV_PATH, json_of(catalogue(EXPLOITED, 1_000)))
    first = fetched(kev(server))
    server.on(KEV_PATH, json_of(catalogue(EXPLOITED, 400)))
    assert reason(kev(server, first.seen)).startswith(
        "the answer has 403 vulnerabilities where there were 1,003"
    )


def test_scores_are_asked_for_in_portions(server: Server) -> None:
    server.on(EPSS_PATH, scores)
    cves = [f"CVE-2026-{number:05}" for number in range(250)]
    done = ask(Epss(), client(), urls(server)["epss"], table=ours(*cves))
    found = rows(done, "exploit-scores.json", "scores")
    assert (len(found), found["CVE-2026-00007"]) == (250, [0.00043, 0.12345])
    assert [path.count("CVE-") for path in server.paths()] == [100, 100, 50]
    assert all(len(path) < 2_000 for path in server.paths())


@pytest.mark.parametrize(
    "wrong", ["1.5", "-0.1", "nan", "inf", "1e9", "", ".", None, [], "0.1.2", "٠", 0.5j.imag + 7, True]
)
def test_a_score_that_is_none_is_left_out(wrong: object) -> None:
    import json

    row = {"cve": "CVE-2026-00001", "epss": wrong, "percentile": "0.5"}
    http = Answers(
        json.dumps({"data": [row, {"cve": "CVE-1999-99999", "epss": "1", "percentile": "1"}]}).encode()
    )
    assert rows(ask(Epss(), http, table=ours("CVE-2026-00001")), "exploit-scores.json", "scores") == {}


def test_one_portion_that_fails_fails_all(server: Server) -> None:
    server.on(EPSS_PATH, scores, json_of({"status": "ERROR"}, 400))
    cves = [f"CVE-2026-{number:05}" for number in range(101)]
    assert reason(ask(Epss(), client(), urls(server)["epss"], table=ours(*cves))) == "the server answers 400"


def endoflife(server: Server, releases: list[Any], seen: Seen | None = None) -> Any:
    server.on(ENDOFLIFE_PATH, conditional(json_of(product(releases)), '"eol"'))
    return ask(EndOfLife(), client(), urls(server)["endoflife"], seen=seen)


def test_releases_stay_as_they_are(server: Server) -> None:
    done = endoflife(server, RELEASES)
    assert rows(done, "nixos-releases.json", "releases") == RELEASES
    assert not fetched(done).new
    assert isinstance(endoflife(server, RELEASES, fetched(done).seen), Unchanged)


def test_a_new_release_comes_and_none_goes(server: Server) -> None:
    new = {"release": "26.11", "codename": "Zoë", "released": "2026-11-30", "eol": "2027-06-30"}
    longer = RELEASES[0] | {"eol": "2027-01-31"}
    found = rows(endoflife(server, [new, longer, *RELEASES[5:]]), "nixos-releases.json", "releases")
    assert found == [new, longer, *RELEASES[1:]]


@pytest.mark.parametrize(
    "change",
    [
        {"eol": "2099-01-01"},
        {"eol": "2001-01-01"},
        {"eol": True},
        {"eol": None},
        {"released": "soon"},
        {"release": "unstable"},
    ],
)
def test_a_release_that_cannot_be_is_left_out(server: Server, change: dict[str, Any]) -> None:
    done = fetched(endoflife(server, [RELEASES[0] | change, *RELEASES[1:]]))
    assert done.tables["nixos-releases.json"]["releases"] == RELEASES
    assert done.remarks == ("1 release could not be read",)


def test_another_product_is_no_answer(server: Server) -> None:
    given = product(RELEASES)
    given["result"]["name"] = "debian"
    server.on(ENDOFLIFE_PATH, json_of(given))
    assert reason(ask(EndOfLife(), client(), urls(server)["endoflife"])) == (
        "the server's answer is not about the product nixos"
    )


def flakes(server: Server, given: object) -> Any:
    server.on(REGISTRY_PATH, json_of(given))
    return ask(FlakeRegistry(), client(), urls(server)["flake-registry"])


def test_the_registry_stays_as_it_is(server: Server) -> None:
    done = flakes(server, registry(FLAKES))
    assert rows(done, "flake-registry.json", "flakes") == FLAKES
    assert not fetched(done).new


@pytest.mark.parametrize(
    "row",
    [
        {"from": {"id": "x", "type": "indirect"}, "to": {"type": "path", "path": "/home/me"}},
        {"from": {"id": "x", "type": "indirect"}, "to": {"type": "github", "owner": "me"}},
        {"from": {"id": "x", "type": "indirect"}, "to": {"type": "github", "owner": "a/b", "repo": "c"}},
        {"from": {"id": "x", "type": "indirect"}, "to": {"type": "tarball", "url": "no address"}},
        {"from": {"id": "", "type": "indirect"}, "to": {"type": "github", "owner": "a", "repo": "c"}},
        {"from": {"id": "x", "type": "path"}, "to": {"type": "github", "owner": "a", "repo": "c"}},
        {"from": {"id": 1, "type": "indirect"}, "to": []},
        None,
    ],
)
def test_names_that_cannot_be_are_left_out(server: Server, row: Any) -> None:
    done = fetched(flakes(server, registry([*FLAKES, row])))
    assert done.tables["flake-registry.json"]["flakes"] == FLAKES
    assert done.remarks == ("1 name could not be read",)


def test_a_registry_that_is_none(server: Server) -> None:
    assert reason(flakes(server, {"flakes": FLAKES, "version": 3})).startswith(
        "the server's answer is no registry"
    )
    assert reason(flakes(server, registry(FLAKES[:10]))).startswith(
        "the answer has 10 names where there were 46"
    )
    assert reason(flakes(server, registry([*FLAKES] * 110))).startswith("the registry has more than 5,000")
