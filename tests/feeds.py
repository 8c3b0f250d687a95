"""What the sources of `snowfence knowledge update` serve, in the form that their documentation gives, and a server that serves it.

Schemas: https://ossf.github.io/osv-schema/ and https://google.github.io/osv.dev/data/ (OSV),
https://docs.github.com/en/rest/security-advisories/global-advisories (GitHub),
https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json (KEV), https://api.first.org/epss/ (EPSS),
https://endoflife.date/docs/api/v1/ (endoflife.date), NixOS/flake-registry (the registry).
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scanner.knowledge.tables import DATA
from tests.server import Answer, Asked, Server, json_of

OSV_PATH = "/osv/GitHub%20Actions"
GITHUB_PATH = "/advisories"
KEV_PATH = "/feeds/known_exploited_vulnerabilities.json"
EPSS_PATH = "/data/v1/epss"
ENDOFLIFE_PATH = "/api/v1/products/nixos/"
REGISTRY_PATH = "/flake-registry.json"


def shipped(name: str) -> Any:
    """A table as it is shipped."""
    return json.loads((DATA / name).read_text("utf-8"))


def urls(server: Server) -> dict[str, str]:
    """Where the server has each source."""
    return {
        "osv": server.url + OSV_PATH,
        "github-advisories": server.url + GITHUB_PATH,
        "kev": server.url + KEV_PATH,
        "epss": server.url + EPSS_PATH,
        "endoflife": server.url + ENDOFLIFE_PATH,
        "flake-registry": server.url + REGISTRY_PATH,
    }


def serve(
    server: Server, records: list[dict[str, Any]], advisories: list[dict[str, Any]] | None = None
) -> None:
    """Puts all feeds on a server; OSV has these records, GitHub these advisories."""
    serve_osv(server, records)
    server.on(GITHUB_PATH, conditional(json_of(advisories or []), '"github"'))
    server.on(KEV_PATH, conditional(json_of(catalogue(shipped("exploited.json")["exploited"])), '"kev"'))
    server.on(EPSS_PATH, scores)
    server.on(
        ENDOFLIFE_PATH, conditional(json_of(product(shipped("nixos-releases.json")["releases"])), '"eol"')
    )
    server.on(
        REGISTRY_PATH, conditional(json_of(registry(shipped("flake-registry.json")["flakes"])), '"reg"')
    )


def serve_osv(server: Server, records: list[dict[str, Any]], etag: str = '"osv"') -> None:
    server.on(f"{OSV_PATH}/modified_id.csv", conditional(Answer(200, index(records)), etag))
    server.on(f"{OSV_PATH}/all.zip", Answer(200, dump(records), {"Content-Type": "application/zip"}))


def conditional(answer: Answer, etag: str) -> Any:
    """An answer with a validator, and 304 for who has it."""

    def answering(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == etag:
            return Answer(304)
        return answer._replace(headers={**answer.headers, "ETag": etag})

    return answering


def record(
    known: str = "GHSA-aaaa-bbbb-cccc",
    package: str = "octo/action",
    *,
    events: list[dict[str, str]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A record of OSV."""
    affected: dict[str, Any] = {"package": {"ecosystem": "GitHub Actions", "name": package}}
    affected["ranges"] = [
        {"type": "ECOSYSTEM", "events": events or [{"introduced": "0"}, {"fixed": "2.0.1"}]}
    ]
    return {
        "schema_version": "1.7.0",
        "id": known,
        "modified": "2026-10-02T21:59:16.526998Z",
        "published": "2026-10-01T19:01:50Z",
        "aliases": ["CVE-2026-10001"],
        "summary": "An action runs what a title says",
        "details": "Long words.",
        "affected": [affected],
        "references": [{"type": "WEB", "url": "https://example.org"}],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "database_specific": {"cwe_ids": ["CWE-78"], "severity": "HIGH", "github_reviewed": True},
    } | more


def record_of(fact: Mapping[str, Any]) -> dict[str, Any]:
    """The record of OSV that a row of the facts about advisories was made of."""
    affected: list[dict[str, Any]] = []
    for one in fact["affected"]:
        row: dict[str, Any] = {"package": {"ecosystem": "GitHub Actions", "name": one["package"]}}
        if one.get("events"):
            row["ranges"] = [{"type": one["range_type"], "events": one["events"]}]
        if one.get("versions"):
            row["versions"] = one["versions"]
        if one.get("database_specific"):
            row["database_specific"] = one["database_specific"]
        affected.append(row)
    return {
        "schema_version": "1.4.0",
        "id": fact["id"],
        "modified": fact["modified"],
        "published": fact["published"],
        "aliases": fact["aliases"],
        "summary": "A summary that no table holds",
        "affected": affected,
        "severity": [{"type": "CVSS_V3", "score": vector} for vector in fact["cvss"]],
        "database_specific": {"cwe_ids": fact["cwe"], "severity": fact["severity"]},
    }


def record_of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record of OSV for a row of a table."""
    affected: list[dict[str, Any]] = []
    for one in row["affected"]:
        ends = [{kind: one[key]} for kind, key in (("fixed", "fixed"), ("last_affected", "last")) if one[key]]
        here: dict[str, Any] = {"package": {"ecosystem": "GitHub Actions", "name": one["package"]}}
        if one["introduced"] is not None:
            here["ranges"] = [{"type": "ECOSYSTEM", "events": [{"introduced": one["introduced"]}, *ends]}]
        if one["before"] is not None:
            here["database_specific"] = {"last_known_affected_version_range": f"< {one['before']}"}
        if one["versions"]:
            here["versions"] = one["versions"]
        affected.append(here)
    return {
        "id": row["id"],
        "modified": f"{row['modified']}T01:02:03Z",
        "published": f"{row['published']}T01:02:03Z",
        "aliases": row["aliases"],
        "affected": affected,
        "database_specific": {"cwe_ids": row["cwe"], "severity": row["severity"].upper()},
    }


def known_records() -> list[dict[str, Any]]:
    """A record of OSV for each advisory that is shipped."""
    return [record_of_row(row) for row in shipped("advisories.json")["advisories"]]


def index(records: list[dict[str, Any]]) -> bytes:
    """`modified_id.csv`: newest first."""
    lines = sorted((f"{one.get('modified')},{one.get('id')}" for one in records), reverse=True)
    return "".join(f"{line}\n" for line in lines).encode()


def dump(records: list[dict[str, Any]]) -> bytes:
    """`all.zip`: a member per record."""
    return zipped({f"{one.get('id')}.json": json.dumps(one).encode() for one in records})


def zipped(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return made.getvalue()


def advisory(
    known: str = "GHSA-dddd-eeee-ffff", package: str = "octo/other", range_: str = "< 2.0.1", **more: Any
) -> dict[str, Any]:
    """An advisory as GitHub's API gives it."""
    return {
        "ghsa_id": known,
        "cve_id": "CVE-2026-20002",
        "url": f"https://api.github.com/advisories/{known}",
        "html_url": f"https://github.com/advisories/{known}",
        "summary": "An action runs what a title says",
        "description": "Long words.",
        "type": "reviewed",
        "severity": "high",
        "identifiers": [{"value": known, "type": "GHSA"}, {"value": "CVE-2026-20002", "type": "CVE"}],
        "references": ["https://example.org"],
        "published_at": "2026-10-03T19:01:50Z",
        "updated_at": "2026-10-04T21:59:16Z",
        "github_reviewed_at": "2026-10-03T19:01:50Z",
        "withdrawn_at": None,
        "vulnerabilities": [
            {
                "package": {"ecosystem": "actions", "name": package},
                "vulnerable_version_range": range_,
                "first_patched_version": "2.0.1",
                "vulnerable_functions": [],
            }
        ],
        "cvss_severities": {"cvss_v3": {"vector_string": None, "score": 0.0}, "cvss_v4": None},
        "cwes": [{"cwe_id": "CWE-78", "name": "OS Command Injection"}],
    } | more


def catalogue(exploited: Mapping[str, str | None], others: int = 20) -> dict[str, Any]:
    """CISA's catalogue with these, and some that nobody here asks about."""
    added = dict(exploited) | {f"CVE-2020-{number:05}": "2021-11-03" for number in range(1, others + 1)}
    rows = [
        {
            "cveID": known,
            "vendorProject": "Vendor",
            "product": "Product",
            "vulnerabilityName": "Name",
            "dateAdded": day,
            "shortDescription": "Words.",
            "requiredAction": "Apply mitigations.",
            "dueDate": "2026-12-01",
            "knownRansomwareCampaignUse": "Unknown",
            "notes": "",
            "cwes": ["CWE-506"],
        }
        for known, day in added.items()
    ]
    return {
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2026.11.20",
        "dateReleased": "2026-11-20T17:00:00.000Z",
        "count": len(rows),
        "vulnerabilities": rows,
    }


def scores(asked: Asked) -> Answer:
    """FIRST's answer about the CVEs that are asked for."""
    [ids] = parse_qs(urlsplit(asked.path).query)["cve"]
    rows = [
        {"cve": known, "epss": "0.000430000", "percentile": "0.123450000", "date": "2026-11-22"}
        for known in ids.split(",")
    ]
    head = {"status": "OK", "status-code": 200, "version": "1.0", "access": "public", "total": len(rows)}
    return json_of({**head, "offset": 0, "limit": 100, "data": rows})


def product(releases: list[dict[str, Any]]) -> dict[str, Any]:
    """endoflife.date's answer about the product nixos."""
    return {
        "schema_version": "1.2.0",
        "generated_at": "2026-11-22T00:00:00+00:00",
        "last_modified": "2026-11-20T00:00:00+00:00",
        "result": {
            "name": "nixos",
            "aliases": [],
            "label": "NixOS",
            "category": "os",
            "tags": ["linux-distribution", "os"],
            "releases": [
                {
                    "name": one["release"],
                    "codename": one["codename"],
                    "label": f"{one['release']} ({one['codename']})",
                    "releaseDate": one["released"],
                    "isLts": False,
                    "ltsFrom": None,
                    "isEol": True,
                    "eolFrom": one["eol"],
                    "isMaintained": False,
                    "latest": None,
                    "custom": None,
                }
                for one in releases
            ],
        },
    }


def registry(flakes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"flakes": flakes, "version": 2}


def files(folder: Path) -> set[str]:
    """The names of the files that a reader of a folder sees."""
    return (
        {file.name for file in folder.iterdir() if not file.name.startswith(".")}
        if folder.is_dir()
        else set()
    )
