"""The checks of the pack `organisation` on real repositories: answers that were worked out by hand from the files, and the same questions
asked in plain Python of the files and the graph, without the attributes and the engine that answer policies."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from scanner.adapters.git import Git
from scanner.graph.graph import Graph
from scanner.graph.nodes.nix import FlakeNode, InputNode
from scanner.graph.nodes.updates import CodeOwnersNode, DependabotNode, RenovateNode
from scanner.graph.nodes.workflows import (
    ActionNode,
    ImageNode,
    JobNode,
    ReusableWorkflowNode,
    StepNode,
    WorkflowNode,
)
from scanner.parse.nodes import Mapping, Scalar, Sequence
from scanner.parse.uses import RepositoryUse
from scanner.pipeline import check, read
from scanner.policy.load import pack
from tests.memory import KNOWLEDGE, NOW
from tests.support import CORPUS

Answers = dict[str, list[str]]

WORKFLOWS: Final = ".github/workflows/"

# ---------------------------------------------------------------- by hand

BY_HAND: Final[dict[str, Answers]] = {
    "blazedots": {
        "allowed-owners": ["action:astral-sh/setup-uv@v6", "action:peter-evans/create-pull-request@v7"],
        # `quickshell` is on its author's own server.
        "allowed-forges": ["flake-input:flake.lock#quickshell"],
        # From September 2025.
        "nixpkgs-age": ["flake-input:flake.lock#nixpkgs"],
        # All of the others that the flake asks for are of 2025 as well; `nixpkgs-lib` and `systems` are inputs of inputs.
        "input-age": [
            f"flake-input:flake.lock#{name}"
            for name in (
                "disko", "flake-parts", "home-manager", "impermanence", "noctalia", "quickshell", "sops-nix", "treefmt-nix",
            )
        ],
        # Actions by tags, in everything that pull requests start; `update` runs by the clock and by hand.
        "outsiders-reach-pinned-actions": [
            "job:copilot-setup-steps.yml#copilot-setup-steps",
            "job:nix-ci.yml#check",
            "job:nixos-build.yml#build",
            "job:nixos-build.yml#discover",
            "job:performance-monitoring.yml#cache-analysis",
            "job:performance-monitoring.yml#collect-metrics",
            "job:security-scan.yml#dependency-scan",
        ],
        # There is no CODEOWNERS.
        "owned-workflows": [
            "workflow:copilot-setup-steps.yml",
            "workflow:flake-update-lock.yml",
            "workflow:nix-ci.yml",
            "workflow:nixos-build.yml",
            "workflow:performance-monitoring.yml",
            "workflow:security-scan.yml",
        ],
    },
    "open/NixOS__infra": {
        # `nixos-infra-dev`, by nixConfig and by the action.
        "allowed-substituters": ["flake:flake.nix"],
        "allowed-cachix-caches": [
            "step:ci.yml#checks/2",
            "step:ci.yml#nix-darwin-ofborg-x86_64/2",
            "step:ci.yml#nix-darwin-ofborg/2",
            "step:ci.yml#nix-darwin/2",
            "step:ci.yml#nixos-aarch64/2",
            "step:ci.yml#nixos-ofborg-aarch64/2",
            "step:ci.yml#nixos-ofborg-x86_64/2",
            "step:ci.yml#nixos-x86_64/3",
            "step:format-pr.yml#format/5",
        ],
        # The matrix of `checks` has ubuntu-22.04-arm; the other one asks for macos-26-intel.
        "allowed-runners": ["job:ci.yml#checks", "job:ci.yml#nix-darwin-ofborg-x86_64"],
        # git.madhouse-project.org
        "allowed-forges": [
            f"flake-input:flake.lock#{name}"
            for name in ("avalanche", "iocaine-unstable", "nam-shub-of-enki", "nixocaine")
        ],
        # From August 2026.
        "nixpkgs-age": [
            f"flake-input:flake.lock#{name}" for name in ("nixpkgs", "nixpkgs-darwin", "nixpkgs-unstable")
        ],
        # The first and the third are files without a date: what is missing does not pass.
        "input-age": [
            f"flake-input:flake.lock#{name}"
            for name in (
                "ai-robots-txt", "flake-utils", "geolite2-asn-mmdb", "nixpkgs-swh", "ofborg-viewer", "rfc39",
            )
        ],
        # `issue_comment`, with CACHIX_AUTH_TOKEN; what it runs with Nix stands in a script, which is not followed.
        "outsiders-hold-no-secrets": ["job:format-pr.yml#format"],
        "update-tool": ["repository:."],
    },
    "open/tweag__topiary": {
        "allowed-owners": ["action:rui314/setup-mold@v1", "action:swatinem/rust-cache@v2"],
        "allowed-substituters": ["flake:flake.nix"],
        "allowed-cachix-caches": [
            "step:.github/actions/nix-build/action.yml#2",
            "step:website.yaml#build-playground/3",
            "step:website.yaml#build-website/2",
        ],
        # windows-latest; and a matrix that only the run can tell.
        "allowed-runners": ["job:ci.yml#test-windows", "job:release.yml#build-local-artifacts"],
        "allowed-registries": ["image:${{ matrix.container && matrix.container.image || null }}"],
        # From November 2025; `nixpkgs_2` belongs to rust-overlay, and is the one that does not follow.
        "nixpkgs-age": ["flake-input:flake.lock#nixpkgs"],
        "one-nixpkgs": ["flake-input:flake.lock#rust-overlay"],
        "input-age": [f"flake-input:flake.lock#{name}" for name in ("advisory-db", "crane", "rust-overlay")],
        # `host` and `announce` wait for an output of `plan` that is true outside of pull requests only: outputs are not followed
        # through `needs`, so they are taken for jobs that a pull request may start.
        "outsiders-reach-pinned-actions": [
            "job:ci.yml#nix-client-app",
            "job:ci.yml#nix-flake-check",
            "job:ci.yml#test-windows",
            "job:ci.yml#topiary-cli",
            "job:release.yml#announce",
            "job:release.yml#build-global-artifacts",
            "job:release.yml#build-local-artifacts",
            "job:release.yml#host",
            "job:release.yml#plan",
        ],
        # For GitHub Pages, in website.yaml.
        "identity-only-in-releases": ["job:website.yaml#deploy-website"],
        "owned-workflows": ["workflow:ci.yml", "workflow:release.yml", "workflow:website.yaml"],
        "update-tool": ["repository:."],
    },
    "open/actions__checkout": {
        "allowed-owners": ["action:docker/build-push-action@v7.3.0", "action:docker/login-action@v4.4.0"],
        # windows-latest in the matrix.
        "allowed-runners": ["job:test.yml#test"],
        # Of Docker Hub; ghcr.io/actions/test-ubuntu-git is fine.
        "allowed-registries": ["image:bitnami/git:latest", "image:ubuntu/squid:latest"],
        "outsiders-reach-pinned-actions": [
            "job:check-dist.yml#check-dist",
            "job:codeql-analysis.yml#analyze",
            "job:licensed.yml#test",
            *(
                f"job:test.yml#{name}"
                for name in (
                    "build", "test", "test-bypass-proxy", "test-git-container", "test-output", "test-proxy",
                )
            ),
        ],
        "identity-only-in-releases": ["job:publish-immutable-actions.yml#publish"],
    },
    "open/NixOS__nixos-homepage": {
        "allowed-owners": ["action:nwtgck/actions-netlify@d22a32a27c918fe470bbc562e984f80ec48c2668"],
        "allowed-substituters": ["flake:flake.nix"],
        "allowed-cachix-caches": ["step:deploy-prod.yml#build/2"],
        # From July 2026; the labels are those of the lock, the first is the flake's `nixpkgs`.
        "nixpkgs-age": [
            f"flake-input:flake.lock#{name}"
            for name in ("nixpkgs_2", "released-nixpkgs-stable", "released-nixpkgs-unstable")
        ],
        "input-age": ["flake-input:flake.lock#systems"],
        "one-nixpkgs": [
            f"flake-input:flake.lock#{name}"
            for name in ("git-hooks-nix", "released-nix-stable", "released-nix-unstable", "surveys")
        ],
        # `pull_request_target`; `check` and `build` read nothing but the repository.
        "outsiders-hold-no-secrets": ["job:deploy-pr.yml#publish"],
        "owned-workflows": ["workflow:deploy-pr.yml", "workflow:deploy-prod.yml"],
    },
}  # fmt: skip
"""Repository -> check -> subjects, those of workflows without their folder. What is not listed has no finding."""

ONE_CHECK: Final[dict[str, Answers]] = {
    # `issue_comment`, with rights to write, runs `nix build` in a flake with inputs of owners who are not on the list.
    "open/Mic92__dotfiles": {"outsiders-evaluate-known-inputs": ["job:claude.yaml#claude"]},
    # `publish` holds secrets, but it is `build`, for which it waits, that evaluates the flake.
    "open/NixOS__nixos-homepage": {"outsiders-evaluate-known-inputs": []},
}


# ---------------------------------------------------------------- in plain Python

OWNERS: Final = {"actions", "github", "cachix", "determinatesystems", "nixos", "nix-community"}
CACHES: Final = {"https://cache.nixos.org", "https://nix-community.cachix.org"}
RUNNERS: Final = {"ubuntu-latest", "ubuntu-24.04", "ubuntu-24.04-arm", "macos-latest", "macos-15"}
FORGES: Final = {
    "github.com", "gitlab.com", "codeberg.org", "git.sr.ht", "releases.nixos.org", "channels.nixos.org",
}  # fmt: skip
OF_OUTSIDERS: Final = {
    "pull_request", "pull_request_target", "issue_comment", "issues", "workflow_run", "pull_request_review",
    "pull_request_review_comment", "discussion", "discussion_comment", "fork", "watch",
}  # fmt: skip
OF_FORKS: Final = {"pull_request", "pull_request_review", "pull_request_review_comment"}
"""Events in whose runs a fork has neither secrets nor rights."""


class Repository:
    """The files of a repository and the graph of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read = read(root, Git(), KNOWLEDGE)
        self.graph: Graph = self.read.graph

    def locks(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for file in sorted(self.root.rglob("flake.lock")):
            yield file.relative_to(self.root).as_posix(), json.loads(file.read_text("utf-8"))

    def jobs(self, events: set[str]) -> Iterator[JobNode]:
        for job in self.graph.of(JobNode):
            if job.workflow.events & events:
                yield job

    def reached(self, id: str, along: set[str]) -> set[str]:
        """All that a path of one edge or more leads to."""
        seen: set[str] = set()
        waiting = [id]
        while waiting:
            for edge in self.graph.out(waiting.pop()):
                if edge.kind in along and edge.target not in seen:
                    seen.add(edge.target)
                    waiting.append(edge.target)
        return seen

    def secrets(self, job: JobNode) -> set[str]:
        """The names of secrets in the text of a job, without the token's own."""
        span = job.job.at.span
        text = job.workflow.source.text[span.start : span.end]
        return set(re.findall(r"secrets\.([A-Za-z_0-9]+)", text)) - {"GITHUB_TOKEN"}

    def writes(self, job: JobNode) -> set[str]:
        """What a token may write to by the block of the job, or else of the workflow."""
        block = job.job.permissions or job.workflow.permissions
        if block is None:
            return set()
        if block.everything is not None:
            return {"id-token"} if block.everything.value == "write-all" else set()
        return {one.key.value for one in block.entries if one.value.value == "write"}


def inputs(lock: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the flake asks for itself, by the labels; nothing in these locks follows at the root."""
    for label in dict.fromkeys(lock["nodes"][lock["root"]].get("inputs", {}).values()):
        yield label, lock["nodes"][label]


def is_nixpkgs(node: dict[str, Any]) -> bool:
    locked = node["locked"]
    return locked.get("repo", "").lower() == "nixpkgs" or "releases.nixos.org" in locked.get("url", "")


def days(node: dict[str, Any]) -> int | None:
    modified = node["locked"].get("lastModified")
    return None if modified is None else (NOW - datetime.fromtimestamp(modified, UTC).date()).days


def owners(of: Repository) -> Iterator[str]:
    for node in of.graph.nodes.values():
        if isinstance(node, ActionNode | ReusableWorkflowNode) and node.use.owner.lower() not in OWNERS:
            yield node.id


def substituters(of: Repository) -> Iterator[str]:
    """In these repositories only flakes set caches."""
    for node in of.graph.of(FlakeNode):
        part = node.source.text.partition("substituters = [")[2].partition("]")[0]
        if not {url.rstrip("/") for url in re.findall(r'"([^"]+)"', part)} <= CACHES:
            yield node.id


def cachix(of: Repository) -> Iterator[str]:
    for step in of.graph.of(StepNode):
        call = step.step.call
        if call is None or not isinstance(call.target, RepositoryUse):
            continue
        if call.target.name.lower() == "cachix/cachix-action":
            given = {one.key.value: one.value.value for one in call.inputs.entries}
            if given.get("name") not in ("nix-community", "devenv") or "extraPullNames" in given:
                yield step.id


def runners(of: Repository) -> Iterator[str]:
    for job in of.graph.of(JobNode):
        labels: set[str] = set()
        for label in job.job.runs_on.labels:
            named = re.fullmatch(r"\$\{\{ *matrix\.([a-z-]+) *\}\}", label.value)
            matrix = job.job.strategy.get("matrix") if job.job.strategy is not None and named else None
            values = matrix.get(named[1]) if named and isinstance(matrix, Mapping) else None
            if isinstance(values, Sequence):
                labels |= {one.value for one in values.items if isinstance(one, Scalar)}
            else:
                labels.add(label.value)
        if not labels <= RUNNERS:
            yield job.id


def registries(of: Repository) -> Iterator[str]:
    for image in of.graph.of(ImageNode):
        if image.label.partition("/")[0] not in ("ghcr.io", "quay.io"):
            yield image.id


def forges(of: Repository) -> Iterator[str]:
    hosts = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
    for path, lock in of.locks():
        for label, node in lock["nodes"].items():
            locked = node.get("locked")
            if locked is None or locked["type"] == "path":
                continue
            host = locked.get("host") or hosts.get(locked["type"]) or urlsplit(locked["url"]).hostname
            if host not in FORGES:
                yield f"flake-input:{path}#{label}"


def ages(of: Repository) -> Iterator[str]:
    for path, lock in of.locks():
        for label, node in inputs(lock):
            age = days(node)
            if is_nixpkgs(node) and (age is None or age > 30):
                yield f"flake-input:{path}#{label}"


def old(of: Repository) -> Iterator[str]:
    for path, lock in of.locks():
        for label, node in inputs(lock):
            age = days(node)
            if not is_nixpkgs(node) and "rev" not in node["original"] and (age is None or age > 365):
                yield f"flake-input:{path}#{label}"


def unpinned(of: Repository) -> Iterator[str]:
    for job in of.jobs(OF_OUTSIDERS):
        for id in of.reached(job.id, {"contains", "uses", "calls"}):
            node = of.graph.nodes[id]
            if isinstance(node, ActionNode | ReusableWorkflowNode) and not re.search(r"@[0-9a-f]{40}$", id):
                yield job.id


def secrets(of: Repository) -> Iterator[str]:
    for job in of.jobs(OF_OUTSIDERS - OF_FORKS):
        if of.secrets(job):
            yield job.id


def evaluated(of: Repository) -> Iterator[str]:
    for job in of.jobs(OF_OUTSIDERS - OF_FORKS):
        if not of.secrets(job) and not of.writes(job):
            continue
        for id in of.reached(job.id, {"contains", "uses", "calls", "evaluates", "input"}):
            node = of.graph.nodes[id]
            if isinstance(node, InputNode) and node.input.flake and node.input.locked.type != "path":
                owner = (
                    node.input.locked.text("owner")
                    or urlsplit(node.input.locked.url or "").path.strip("/").partition("/")[0]
                )
                if owner.lower() not in OWNERS:
                    yield job.id


def identities(of: Repository) -> Iterator[str]:
    for job in of.graph.of(JobNode):
        released = job.path in (f"{WORKFLOWS}release.yml", f"{WORKFLOWS}publish.yml")
        if not released and "id-token" in of.writes(job):
            yield job.id


def unowned(of: Repository) -> Iterator[str]:
    """The patterns of these repositories are whole folders, and `*`."""
    patterns = [line.pattern for node in of.graph.of(CodeOwnersNode) for line in node.owners.lines]
    for workflow in of.graph.of(WorkflowNode):
        if not any(one == "*" or f"/{workflow.path}".startswith(one) for one in patterns):
            yield workflow.id


def follows(of: Repository) -> Iterator[str]:
    for path, lock in of.locks():
        for label, node in inputs(lock):
            if isinstance(node.get("inputs", {}).get("nixpkgs"), str):
                yield f"flake-input:{path}#{label}"


def updates(of: Repository) -> Iterator[str]:
    if not any(isinstance(node, DependabotNode | RenovateNode) for node in of.graph.nodes.values()):
        yield "repository:."


IN_PYTHON: Final[dict[str, Callable[[Repository], Iterator[str]]]] = {
    "allowed-owners": owners,
    "allowed-substituters": substituters,
    "allowed-cachix-caches": cachix,
    "allowed-runners": runners,
    "allowed-registries": registries,
    "allowed-forges": forges,
    "nixpkgs-age": ages,
    "input-age": old,
    "outsiders-reach-pinned-actions": unpinned,
    "outsiders-hold-no-secrets": secrets,
    "outsiders-evaluate-known-inputs": evaluated,
    "identity-only-in-releases": identities,
    "owned-workflows": unowned,
    "one-nixpkgs": follows,
    "update-tool": updates,
}


# ---------------------------------------------------------------- the tests

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real repositories is not beside the checkout"
)


@cache
def repository(name: str) -> Repository:
    return Repository(CORPUS / name)


@cache
def found(name: str) -> Answers:
    """What the checks find, by check."""
    report = check(name, repository(name).read, pack("organisation"), KNOWLEDGE, NOW)
    answers: Answers = {}
    for finding in report.findings:
        answers.setdefault(finding.rule, []).append(finding.subject)
    return shown(answers)


def shown(answers: Answers) -> Answers:
    return {
        name: sorted({one.replace(WORKFLOWS, "") for one in subjects})
        for name, subjects in answers.items()
        if subjects
    }


def test_every_check_is_asked_twice() -> None:
    assert list(IN_PYTHON) == list(pack("organisation").own)


@needs_corpus
@pytest.mark.parametrize("name", BY_HAND)
def test_the_answers_are_those_worked_out_by_hand(name: str) -> None:
    assert found(name) == shown(BY_HAND[name])


@needs_corpus
@pytest.mark.parametrize(("name", "answers"), ONE_CHECK.items(), ids=ONE_CHECK)
def test_single_answers_by_hand(name: str, answers: Answers) -> None:
    for rule, subjects in answers.items():
        assert found(name).get(rule, []) == subjects


@needs_corpus
@pytest.mark.parametrize("rule", IN_PYTHON)
@pytest.mark.parametrize("name", BY_HAND)
def test_plain_python_gives_the_same_answers(name: str, rule: str) -> None:
    asked = sorted({one.replace(WORKFLOWS, "") for one in IN_PYTHON[rule](repository(name))})
    assert found(name).get(rule, []) == asked


@needs_corpus
def test_plain_python_agrees_about_evaluated_inputs() -> None:
    for name in ONE_CHECK:
        asked = sorted({one.replace(WORKFLOWS, "") for one in evaluated(repository(name))})
        assert found(name).get("outsiders-evaluate-known-inputs", []) == asked


@needs_corpus
def test_every_check_has_true_and_false_answers() -> None:
    """Else it would prove nothing about the check."""
    asked = [*BY_HAND.items(), *ONE_CHECK.items()]
    for rule in IN_PYTHON:
        assert any(answers.get(rule) for _, answers in asked), rule
        assert any(not answers.get(rule) for _, answers in asked), rule


def test_the_day_is_that_of_the_answers() -> None:
    assert date(2026, 11, 22) == NOW
