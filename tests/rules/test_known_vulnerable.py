"""Every advisory of the tables is found in a workflow that uses an affected version, and not in one that uses the repaired one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha1
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from scanner.engine import Context, load, places
from scanner.knowledge.advisories import AdvisoryFacts
from scanner.knowledge.folder import Folder
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import Commit, Remote
from tests.memory import KNOWLEDGE, NOW, options_of, repository
from tests.online import InMemory
from tests.support import SHARED

RULE = load(places()["known-vulnerable-actions"])
TABLE = KNOWLEDGE.advisories

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CI = ".github/workflows/ci.yml"
LOCK = ".github/workflows/actions.lock"


def commit_id(text: str) -> str:
    return sha1(text.encode()).hexdigest()


def answers(
    files: dict[str, str], online: dict[str, Any] | None = None, options: dict[str, Any] | None = None
) -> list[Hit | Unknown]:
    graph, problems = repository(files)
    server = InMemory(online) if online is not None else None
    context = Context(graph, problems, KNOWLEDGE, NOW, options_of(RULE, options or {}), online=server)
    return list(RULE.check(context))


def hits(files: dict[str, str], online: dict[str, Any] | None = None) -> list[Hit]:
    return [answer for answer in answers(files, online) if isinstance(answer, Hit)]


def ids(files: dict[str, str], online: dict[str, Any] | None = None) -> set[str]:
    return {id for hit in hits(files, online) for id in hit.evidence}


def step(use: str) -> dict[str, str]:
    return {CI: f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: {use}\n"}


def call(use: str) -> dict[str, str]:
    return {CI: f"on: push\njobs:\n  build:\n    uses: {use}\n"}


def composite(use: str) -> dict[str, str]:
    return {
        "action.yml": f"name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n    - uses: {use}\n"
    }


def locked(slug: str, key: str, commit: str, used: bool = True) -> dict[str, str]:
    listed = f"{slug}@{key}"
    entry = f"  {listed}:\n    ref: {key}\n    commit: sha1-{commit}\n    owner_id: 1\n    repo_id: 2\n"
    lock = f"version: v0.0.2\nworkflows:\n  {CI}: [{listed}]\ndependencies:\n{entry}"
    return {LOCK: lock, **step(f"{slug}@{key if used else commit}")}


class Case(NamedTuple):
    """A package of an advisory with a version that has the hole, and the first without where one is known. `row` is the row of the data."""

    id: str
    package: str
    affected: str
    fixed: str | None
    compromise: bool

    @property
    def slug(self) -> str:
        return "/".join(self.package.split("/")[:2])


def padded(version: str) -> str:
    return ".".join([*version.split("."), "0", "0"][:3])


def below(version: str) -> str:
    """A version that is older than this one, and newer than most."""
    parts = [int(part) for part in padded(version).split(".")]
    at = max(index for index, part in enumerate(parts) if part)
    return ".".join(map(str, (*parts[:at], parts[at] - 1, *[99] * (2 - at))))


def case(id: str, cwe: list[str], part: dict[str, Any]) -> Case | None:
    end, last = part["fixed"] or part["before"], part["last"]
    if end is None and last is None:
        return None
    affected = last or below(end)
    return Case(id, part["package"], f"v{affected}", f"v{padded(end)}" if end else None, "CWE-506" in cwe)


def shipped() -> Iterator[Case]:
    rows = TABLE._folder.json("advisories.json")["advisories"]
    for row in rows:
        for part in row["affected"]:
            found = case(row["id"], row["cwe"], part)
            if found is not None:
                yield found


CASES = list(shipped())
HOLES = [case for case in CASES if not case.compromise]
HIJACKED = [case for case in CASES if case.compromise]


def test_every_advisory_is_a_case() -> None:
    rows = TABLE._folder.json("advisories.json")["advisories"]
    listed_versions_only = {"GHSA-qmg3-hpqr-gqvc"}
    assert {case.id for case in CASES} == {row["id"] for row in rows} - listed_versions_only


def named(case: Case) -> str:
    return f"{case.id}:{case.package}:{case.affected}"


def files(case: Case, ref: str) -> list[dict[str, str]]:
    use = f"{case.package}@{ref}"
    found = [step(use), composite(use)]
    return (
        found if case.package != case.slug else [*found, call(f"{case.slug}/.github/workflows/x.yml@{ref}")]
    )


@pytest.mark.parametrize("case", CASES, ids=named)
def test_by_tag(case: Case) -> None:
    for ref in (case.affected, case.affected.removeprefix("v"), case.affected.upper()):
        for tree in files(case, ref):
            assert case.id in ids(tree), ref
            assert all(hit.confidence in (Confidence.HIGH, Confidence.MEDIUM) for hit in hits(tree))
    for tree in files(case, case.fixed) if case.fixed is not None else ():
        assert case.id not in ids(tree)


@pytest.mark.parametrize("case", HOLES, ids=named)
def test_by_commit_and_comment(case: Case) -> None:
    for tree in files(case, f"{commit_id('x')} # {case.affected}"):
        (hit,) = hits(tree)
        assert case.id in hit.evidence
        assert hit.confidence == Confidence.MEDIUM
    for tree in files(case, f"{commit_id('x')} # {case.fixed}") if case.fixed is not None else ():
        assert case.id not in ids(tree)


@pytest.mark.parametrize("case", [case for case in HOLES if case.slug == case.package], ids=named)
def test_by_the_lock(case: Case) -> None:
    for used in (True, False):
        (hit,) = [
            hit
            for hit in hits(locked(case.slug, case.affected, commit_id("x"), used))
            if case.id in hit.evidence
        ]
        assert hit.confidence == Confidence.HIGH
        if case.fixed is not None:
            assert case.id not in ids(locked(case.slug, case.fixed, commit_id("x"), used))


@pytest.mark.parametrize("case", HOLES, ids=named)
def test_by_the_server(case: Case) -> None:
    commit = commit_id("x")
    for version, there in ((case.affected, True), (case.fixed, False)):
        if version is None:
            continue
        online = {case.slug: {"refs": {"branches": {}, "tags": {version: commit, "v999": commit}}}}
        for tree in files(case, f"{commit} # {'v0.0.0' if not there else 'v900.0.0'}"):
            found = [hit for hit in hits(tree, online) if case.id in hit.evidence]
            assert bool(found) is there
            assert all(hit.confidence == Confidence.HIGH for hit in found)


@pytest.mark.parametrize("case", HIJACKED, ids=named)
def test_tags_that_were_moved(case: Case) -> None:
    """Only who follows a tag, and not who has pinned another commit."""
    (hit,) = hits(step(f"{case.package}@{case.affected}"))
    assert hit.variant == "hijacked" or len(hit.evidence) > 1
    for tree in (
        step(f"{case.package}@{commit_id('x')} # {case.affected}"),
        step(f"{case.package}@{commit_id('x')}"),
        locked(case.slug, case.affected, commit_id("x")),
        locked(case.slug, case.affected, commit_id("x"), used=False),
    ):
        assert case.id not in ids(tree)


MALICIOUS = [
    (slug, commit, one.id)
    for one in TABLE._compromises
    for slug in sorted(one.slugs)
    for commit in sorted(one.commits)
]


@pytest.mark.parametrize(("slug", "commit", "id"), MALICIOUS)
def test_malicious_commits(slug: str, commit: str, id: str) -> None:
    ways = [
        (step(f"{slug}@{commit}"), None),
        (step(f"{slug}@{commit.upper()} # v999.0.0"), None),
        (composite(f"{slug.upper()}/sub@{commit}"), None),
        (locked(slug, "v999", commit), None),
        (step(f"{slug}@{commit[:7]}"), None),
        (step(f"{slug}@{commit[:12].upper()}"), None),
        (step(f"somebody/else@{commit}"), None),
        (locked("somebody/else", "v1", commit, used=False), None),
        (step(f"{slug}@v999"), {slug: {"refs": {"branches": {}, "tags": {"v999": commit}}}}),
        (step(f"{slug}@main"), {slug: {"refs": {"branches": {"main": commit}, "tags": {}}}}),
    ]
    for tree, online in ways:
        (hit,) = answers(tree, online)
        assert isinstance(hit, Hit)
        assert hit.variant == "critical"
        assert id in hit.evidence
    for allowed in TABLE.ids_of(TABLE.compromised_by(commit) or pytest.fail()):
        assert not answers(step(f"somebody/else@{commit}"), options={"allow": [allowed.lower()]})


def test_whose_code_a_malicious_commit_of_a_fork_is() -> None:
    (hit,) = hits(step("evil/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67"))
    assert "is the code of an attacker of `tj-actions/changed-files` (GHSA-mrrh-fwg8-r2c3)" in hit.message


def test_there_is_one_malicious_commit_for_every_compromise_of_an_advisory() -> None:
    assert {id for _, _, id in MALICIOUS} >= {case.id for case in HIJACKED}


def test_a_package_of_listed_versions_only() -> None:
    (hit,) = hits(step("reviewdog/action-setup@v1"))
    assert hit.variant == "hijacked"
    assert not answers(step("reviewdog/action-setup@v1.4.0"))
    assert not answers(step(f"reviewdog/action-setup@{commit_id('x')} # v1"))


def test_incidents_without_an_advisory() -> None:
    for use, goes_on in (
        ("checkmarx/kics-github-action@v2.1.3", False),
        ("Actions-Cool/issues-helper@v3", True),
    ):
        name = use.partition("@")[0]
        (hit,) = hits(step(use))
        assert hit.variant == ("critical" if goes_on else "hijacked")
        (unknown,) = answers(step(f"{name}@{commit_id('x')}"))
        assert isinstance(unknown, Unknown)
        assert "not all commits of the attacker are known" in unknown.reason
        assert not answers(step(f"{name}@main"))
        # A tag leads to its release again, once it is over.
        online = {name.lower(): {"refs": {"branches": {}, "tags": {"v9.9.9": commit_id("x")}}}}
        found = answers(step(f"{name}@{commit_id('x')}"), online)
        assert [getattr(one, "variant", None) for one in found] == (["critical"] if goes_on else [])


@pytest.mark.parametrize(
    ("use", "found"),
    [
        ("super-linter/SUPER-linter/slim@v8.0.0", True),
        ("super-linter/super-linter@v8.0.0", True),
        ("pytorch/pytorch/.github/actions/Filter-Test-Configs@v2.0.0", True),
        ("pytorch/pytorch/.github/actions/filter-test-configs@v2.0.1", False),
        ("pytorch/pytorch/.github/actions/setup@v2.0.0", False),
        ("pytorch/pytorch@v2.0.0", False),
        ("https://github.com/AZURE/setup-kubectl@v2", True),
        ("azure\\setup-kubectl@v2", True),
        ("njzjz/wenxian@v0.3.1", True),
        ("njzjz/wenxian@v0.3.2", False),
        ("hashicorp/vault-action@release/v1", True),
        ("hashicorp/vault-action@releases/v2", False),
        ("hashicorp/vault-action@v2.x", False),
        ("hashicorp/vault-action@12-fix", False),
        ("actions/download-artifact@refs/tags/v4.1.2", True),
        ("actions/download-artifact@refs/tags/v4.1.3", False),
        ("github/codeql-action/init@releases/v2", True),
        ("github/codeql-action/init@codeql-bundle-v2.19.0", False),
        ("github/codeql-action/init@main", False),
        ("gradle/gradle-build-action@release-2.4.1", True),
        ("gradle/gradle-build-action@ver2.4.1", True),
        ("gradle/gradle-build-action@0abc123", True),
        ("super-linter/super-linter@slim-v7.0.0", True),
        ("psf/black@26.3-stable", False),
        ("tj-actions/changed-files@v46-node20", False),
        ("hashicorp/vault-action@main", False),
    ],
)
def test_names_and_paths(use: str, found: bool) -> None:
    assert bool(answers(step(use))) is found


def test_one_finding_for_a_use_with_the_worst_of_its_advisories() -> None:
    (hit,) = hits(step("step-security/harden-runner@v2.9.1"))
    assert len(hit.evidence) == 5
    assert list(hit.evidence) == sorted(hit.evidence)
    assert hit.variant == "medium"
    assert "take `2.16.0` or newer, by its commit" in hit.message
    (hit,) = hits(step("tj-actions/changed-files@v40"))
    assert RULE.severity_of(hit.variant) == Severity.HIGH
    assert len(hit.evidence) == 2
    assert "46.0.1" in hit.message


def test_what_is_exploited_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    (hit,) = hits(step("tj-actions/changed-files@v45"))
    assert "GHSA-mrrh-fwg8-r2c3 (exploited, says CISA)" in hit.message
    use = step("actions/download-artifact@v4.1.2")
    monkeypatch.setattr(AdvisoryFacts, "exploit_score", lambda facts, ids: 0.891)
    assert "(path traversal, EPSS 89%)" in hits(use)[0].message
    monkeypatch.setattr(AdvisoryFacts, "exploited", lambda facts, ids: True)
    assert "(path traversal, exploited, says CISA)" in hits(use)[0].message
    nix = step(
        "cachix/install-nix-action@v31\n        with:\n          install_url: https://releases.nixos.org/nix/nix-2.18.0/install"
    )
    graph, problems = repository(nix)
    other = load(places()["vulnerable-nix-version"])
    (answer,) = other.check(Context(graph, problems, KNOWLEDGE, NOW, other.options()))
    assert isinstance(answer, Hit)
    assert "(exploited, says CISA)" in answer.message


def test_perhaps_is_said_with_low_confidence() -> None:
    for use in (
        "njzjz/wenxian@v0.3",
        "njzjz/wenxian@main",
        "SHAdd0WTAka/Zen-Ai-Pentest@main",
        "pytorch/pytorch/.github/actions/filter-test-configs@main",
        "super-linter/super-linter@slim-v7.0.0",
        "tj-actions/branch-names@v6-node20",
    ):
        (hit,) = hits(step(use))
        assert hit.confidence == Confidence.LOW
        assert "may have" in hit.message


@pytest.mark.parametrize(("ref", "said"), [("v4.1.2", 1), ("v4.1.3", 0)])
def test_a_lock_names_the_tag_of_what_is_pinned_by_commit(ref: str, said: int) -> None:
    """GitHub's tool writes the commit into the key, and the tag that it has found into `ref`."""
    slug, commit = "actions/download-artifact", commit_id("x")
    tree = locked(slug, commit, commit, used=False)
    lock = tree[LOCK].replace(f"ref: {commit}", f"ref: {ref}")
    assert lock != tree[LOCK]
    found = answers({**tree, LOCK: lock})
    assert [isinstance(one, Hit) and one.confidence in (None, Confidence.HIGH) for one in found] == [
        True
    ] * said


def test_a_lock_of_a_line() -> None:
    slug = "actions/download-artifact"
    (unknown,) = answers(locked(slug, "v4", commit_id("x")))
    assert isinstance(unknown, Unknown)
    assert not answers(locked(slug, "v3", commit_id("x")))
    tree = locked(slug, "v4", commit_id("x"))
    more = f"  {slug}@v4.1.0:\n    ref: v4.1.0\n    commit: sha1-{commit_id('x')}\n    owner_id: 1\n    repo_id: 2\n"
    (hit,) = hits({**tree, LOCK: tree[LOCK] + more})
    assert hit.confidence == Confidence.HIGH
    online = {slug: {"refs": {"branches": {}, "tags": {"v4": commit_id("y"), "v4.1.2": commit_id("x")}}}}
    (hit,) = hits(tree, online)
    assert "`v4.1.2` by its tags" in hit.message


def test_a_server_that_does_not_answer_is_unknown_once_and_what_files_say_still_counts() -> None:
    tree = step(
        "actions/download-artifact@v4.1.2\n      - uses: actions/download-artifact@v4\n      - uses: actions/checkout@v4"
    )
    found = answers(tree, {"actions/download-artifact": {"refs": "the server is busy"}})
    assert [answer.reason for answer in found if isinstance(answer, Unknown)] == [
        "nobody can tell which releases of `actions/download-artifact` run, because the server is busy"
    ]
    assert len([answer for answer in found if isinstance(answer, Hit)]) == 1


DOWNLOAD = "actions/download-artifact"
PINNED = f"{DOWNLOAD}@{commit_id('x')}"


@pytest.mark.parametrize(
    ("use", "unknown"),
    [
        (f"{DOWNLOAD}@v4.1.3", 0),
        (f"{DOWNLOAD}@v4.1.2", 0),
        (f"{DOWNLOAD}@v3", 0),
        (f"{DOWNLOAD}@main", 0),
        (f"{DOWNLOAD}@v4", 1),
        (PINNED, 1),
        (f"{PINNED} # v4.1.3", 1),
        (f"{PINNED} # v4.1.2", 0),
    ],
)
def test_a_server_that_does_not_answer_is_unknown_where_its_answer_matters(use: str, unknown: int) -> None:
    found = answers(step(use), {DOWNLOAD: {"refs": "the server is busy"}})
    assert len([one for one in found if isinstance(one, Unknown)]) == unknown
    assert len(found) <= 1


@pytest.mark.parametrize("comment", ["# v4.1.3", "# v4.1.2", "# v5", "", "# v9.9.9"])
def test_a_comment_is_not_believed_where_the_server_knows_better(comment: str) -> None:
    tags = {"v4.1.2": commit_id("a"), "v4.1.3": commit_id("b")}
    (unknown,) = answers(step(f"{PINNED} {comment}"), {DOWNLOAD: {"refs": {"branches": {}, "tags": tags}}})
    assert isinstance(unknown, Unknown)
    assert "no tag of `actions/download-artifact` leads to this commit" in unknown.reason


def test_the_id_of_an_annotated_tag_is_that_of_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = {"v4.1.2": commit_id("a")}

    def commits(of: InMemory, remote: Remote, ids: tuple[str, ...]) -> dict[str, Commit]:
        return {id: Commit(commit_id("a"), NOON, ()) for id in ids}

    monkeypatch.setattr(InMemory, "commits", commits)
    (hit,) = hits(step(f"{PINNED} # v4.1.3"), {DOWNLOAD: {"refs": {"branches": {}, "tags": tags}}})
    assert "`v4.1.2` by its tags" in hit.message


def test_names_in_full_and_ids_in_short_are_asked_for() -> None:
    online = {
        DOWNLOAD: {
            "refs": {
                "branches": {"v5": commit_id("c")},
                "tags": {"v4.1.2": commit_id("x"), "v5": commit_id("x")},
            }
        }
    }
    for ref in ("refs/tags/v5", "v5", commit_id("x")[:9]):
        (hit,) = hits(step(f"{DOWNLOAD}@{ref}"), online)
        assert "`v4.1.2` by its tags" in hit.message
    assert not hits(step(f"{DOWNLOAD}@refs/heads/v5"), online)


@pytest.mark.parametrize(
    "comment",
    ["# 2024-01-02", "# 2024.06", "# 20240102", "# other/thing@v4.1.2", "# other/thing@v4.1.3", "# stable"],
)
def test_comments_that_name_no_version_of_it(comment: str) -> None:
    (unknown,) = answers(step(f"{PINNED} {comment}"))
    assert isinstance(unknown, Unknown)


class Facts(NamedTuple):
    """Knowledge with other tables of advisories."""

    advisories: AdvisoryFacts


def test_malicious_code_that_no_row_of_ours_tells_of_is_a_hole() -> None:
    row = {
        "id": "GHSA-new",
        "severity": "high",
        "cwe": ["CWE-506"],
        "affected": [{"package": "big/action", "introduced": "1.2.3", "fixed": "1.2.4"}],
    }
    tables = {
        "advisories.json": {"advisories": [row]},
        "compromises.json": {},
        "exploited.json": {"exploited": {}},
    }
    tables["exploit-scores.json"] = {"scores": {}}
    folder = cast("Folder", SimpleNamespace(json=tables.__getitem__))
    for use, expected in {
        "big/action@v1.2.3": ("critical", None),
        f"big/action@{commit_id('x')} # v1.2.3": ("critical", Confidence.MEDIUM),
        f"big/action@{commit_id('x')} # v1.2.4": None,
        "big/action@v1.2.4": None,
    }.items():
        graph, problems = repository(step(use))
        known = cast("Knowledge", Facts(AdvisoryFacts(folder)))
        found = list(RULE.check(Context(graph, problems, known, NOW, RULE.options())))
        if expected is None:
            assert not found
            continue
        (hit,) = found
        assert isinstance(hit, Hit)
        assert hit.variant == expected[0]
        assert expected[1] in (None, hit.confidence)
        assert "GHSA-new (malicious code)" in hit.message


def test_what_ran_a_compromised_action_by_a_tag() -> None:
    (hit,) = hits(step("reviewdog/action-shellcheck@v1.29.0"))
    assert (hit.variant, hit.confidence) == ("hijacked", Confidence.LOW)
    assert "ran `reviewdog/action-setup@v1`, which was taken over, GHSA-qmg3-hpqr-gqvc" in hit.message
    assert hit.message.endswith("take it by the commit of a release")
    assert not answers(step(f"reviewdog/action-shellcheck@{commit_id('x')} # v1.29.0"))
    assert not answers(step(f"reviewdog/action-shellcheck@{commit_id('x')}"))


def test_servers_are_asked_for_repositories_with_advisories_only() -> None:
    graph, problems = repository(step("actions/checkout@v4\n      - uses: psf/black@24.1.0"))
    server = InMemory({})
    list(RULE.check(Context(graph, problems, KNOWLEDGE, NOW, RULE.options(), online=server)))
    assert {str(remote) for _, remote in server.asked} == {"psf/black"}


def test_allowed_by_any_of_its_ids() -> None:
    for id in ("GHSA-4mgv-m5cm-f9h7", "cve-2021-32074"):
        assert not answers(step("hashicorp/vault-action@v2.1.0"), options={"allow": [id]})


@pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="the data that the table was made of is not here")
def test_every_advisory_of_the_data_is_found() -> None:
    data = json.loads((SHARED / "data/gha-advisories.json").read_text("utf-8"))
    tables = {row["id"]: row for row in TABLE._folder.json("advisories.json")["advisories"]}
    for row in data["advisories"]:
        for part in row["affected"]:
            package = part["package"]
            if package == "github.com/aquasecurity/trivy":
                continue  # the program, not the action
            versions = part.get("versions") or []
            if versions:
                affected, fixed = f"v{versions[0]}", None
            else:
                mine = next(
                    one
                    for one in tables[row["id"]]["affected"]
                    if package.lower().endswith(one["package"]) and one["introduced"] == part["introduced"]
                )
                made = case(row["id"], [], mine)
                assert made is not None
                affected, fixed = made.affected, made.fixed
            assert row["id"] in ids(step(f"{package}@{affected}")), package
            assert fixed is None or row["id"] not in ids(step(f"{package}@{fixed}")), package
