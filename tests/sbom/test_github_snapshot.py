import json
from typing import Any

import pytest
from jsonschema import Draft4Validator

from scanner.sbom import github_snapshot
from scanner.sbom.github_snapshot import Submission
from tests.npm import npm_package
from tests.sbom.bills import EXAMPLE, bill

CI = ".github/workflows/ci.yml"
LOCK = ".github/workflows/actions.lock"
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"
RUN = Submission(COMMIT, "refs/heads/main", "17", "ci test", "https://github.com/o/r/actions/runs/17")


def snapshot(files: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(github_snapshot.write(bill(files), RUN))
    return found


def workflow(*uses: str) -> str:
    steps = "".join(f"    - uses: {one}\n" for one in uses)
    return f"on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"


def test_it_says_what_it_is_of() -> None:
    found = snapshot({CI: workflow("actions/checkout@v4")})
    assert found["version"] == 0
    assert found["job"] == {
        "id": "17",
        "correlator": "ci test",
        "html_url": "https://github.com/o/r/actions/runs/17",
    }
    assert (found["sha"], found["ref"], found["scanned"]) == (
        COMMIT,
        "refs/heads/main",
        "2026-11-22T00:00:00Z",
    )
    assert found["detector"]["name"] == "snowfence"


def test_actions_have_the_names_that_advisories_match() -> None:
    found = snapshot({CI: workflow("Actions/Checkout@v4", f"github/codeql-action/analyze@{COMMIT}")})
    (manifest,) = found["manifests"].values()
    assert manifest["file"] == {"source_location": CI}
    assert manifest["resolved"] == {
        "pkg:githubactions/actions/checkout@v4": {
            "package_url": "pkg:githubactions/actions/checkout@v4",
            "relationship": "direct",
            "scope": "runtime",
            "dependencies": [],
            "metadata": {"snowfence:kind": "action", "snowfence:line": 6, "snowfence:version": "v4"},
        },
        f"pkg:githubactions/github/codeql-action/analyze@{COMMIT}": {
            "package_url": f"pkg:githubactions/github/codeql-action/analyze@{COMMIT}",
            "relationship": "direct",
            "scope": "runtime",
            "dependencies": [],
            "metadata": {"snowfence:kind": "action", "snowfence:line": 7, "snowfence:version": COMMIT},
        },
    }


def test_inputs_of_inputs_are_indirect() -> None:
    resolved = snapshot(EXAMPLE)["manifests"]["flake.lock"]["resolved"]
    kinds = {name.partition("@")[0]: one for name, one in resolved.items()}
    manager = kinds["pkg:github/nix-community/home-manager"]
    assert manager["relationship"] == "direct"
    assert any(name.startswith("pkg:github/nixos/nixpkgs@") for name in manager["dependencies"])
    assert kinds["pkg:git/gitlab.com/g/s/r"]["relationship"] == "indirect"
    # Two nodes at one commit are one source, and it is direct where one of them is.
    assert kinds["pkg:github/nixos/nixpkgs"]["relationship"] == "direct"
    for one in resolved.values():
        assert set(one["dependencies"]) <= set(resolved)


def test_what_hooks_run_is_for_development() -> None:
    text = "repos:\n- {repo: 'https://github.com/a/b', rev: v1, hooks: [{id: x}]}\n"
    found = snapshot({".pre-commit-config.yaml": text})
    (one,) = found["manifests"][".pre-commit-config.yaml"]["resolved"].values()
    assert (one["package_url"], one["scope"]) == ("pkg:github/a/b@v1", "development")


def test_nothing_gives_no_manifests() -> None:
    assert snapshot({})["manifests"] == {}


@pytest.mark.registry
def test_github_would_take_it(pytestconfig: pytest.Config) -> None:
    package = npm_package(pytestconfig, "@octokit/openapi", "23.0.2")
    api = json.loads((package / "generated" / "api.github.com.json").read_text("utf-8"))
    body = api["paths"]["/repos/{owner}/{repo}/dependency-graph/snapshots"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    validator = Draft4Validator({**schema, "components": api["components"]})
    assert [one.message for one in validator.iter_errors(snapshot(EXAMPLE))] == []
    broken = snapshot(EXAMPLE) | {"ref": "main"}
    assert [one.message for one in validator.iter_errors(broken)] != []
