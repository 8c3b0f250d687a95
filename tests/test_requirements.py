"""The locks in requirements/: what the action and a release run is named whole, by its hash, and within what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.locked import REQUIREMENTS, locked
from tests.support import ROOT, clean_environment, run

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ASKED: dict[str, list[str]] = {
    "runtime": PROJECT["project"]["dependencies"],
    **PROJECT["dependency-groups"],
}
"""By the name of its lock, what each is made of."""

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
)


def entries(name: str) -> list[tuple[Requirement, list[str]]]:
    """What a lock names, with the digests of each."""
    text = (REQUIREMENTS / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = line.split(" --hash=")
            found.append((Requirement(requirement), [digest.strip() for digest in hashes]))
    return found


def pinned(requirement: Requirement) -> str:
    """The one version that it lets through."""
    [exact] = requirement.specifier
    assert exact.operator == "==", requirement
    assert "*" not in exact.version, requirement
    return exact.version


def environments() -> list[dict[str, str]]:
    """What markers may ask of the Pythons and systems that we run on."""
    return [
        {
            "python_version": version,
            "python_full_version": f"{version}.0",
            "sys_platform": platform,
            "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
            "platform_machine": machine,
            "os_name": "posix",
        }
        for version in VERSIONS
        for platform in ("linux", "darwin")
        for machine in ("x86_64", "arm64")
    ]


def test_every_lock_is_of_something() -> None:
    assert {file.stem for file in REQUIREMENTS.iterdir()} == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_everything_has_one_version_and_hashes(name: str) -> None:
    locked = entries(name)
    assert locked
    for requirement, hashes in locked:
        assert pinned(requirement)
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_has_what_is_asked_for(name: str) -> None:
    """Whoever changes pyproject.toml runs `make lock`."""
    for environment in environments():
        versions: dict[str, str] = {}
        for requirement, _ in entries(name):
            if requirement.marker is None or requirement.marker.evaluate(environment):
                assert canonicalize_name(requirement.name) not in versions, requirement
                versions[canonicalize_name(requirement.name)] = pinned(requirement)
        for text in ASKED[name]:
            asked = Requirement(text)
            version = versions[canonicalize_name(asked.name)]
            assert asked.specifier.contains(version, prereleases=True), f"{text}, but {version} is locked"


def test_what_is_installed_together_agrees() -> None:
    """The action takes both into one environment."""
    runtime = {requirement.name: pinned(requirement) for requirement, _ in entries("runtime")}
    build = {requirement.name: pinned(requirement) for requirement, _ in entries("build")}
    both = runtime.keys() & build.keys()
    assert "packaging" in both
    assert [name for name in both if runtime[name] != build[name]] == []


def test_a_build_asks_for_the_same_hatchling_everywhere() -> None:
    [asked] = PROJECT["build-system"]["requires"]
    assert asked in PROJECT["dependency-groups"]["build"]
    assert asked in PROJECT["project"]["optional-dependencies"]["dev"]
    assert not Requirement(asked).specifier.contains("1.25"), "which cannot read `license-files`"


def test_make_writes_them_and_the_page_says_so() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = makefile[makefile.index("\nlock:") : makefile.index("\nbuild:")]
    assert set(re.findall(r"--output-file requirements/(\w+)\.txt", recipe)) == set(ASKED)
    assert "--generate-hashes" in makefile
    assert "make lock" in (ROOT / "docs" / "releasing.md").read_text("utf-8")


@pytest.mark.registry
def test_there_are_wheels_for_all_that_we_run_on(tmp_path: Path) -> None:
    """The action builds no dependency: what that would be done with has no hash."""
    uv = locked(tmp_path / "release", "release") / "uv"
    options = ("pip", "install", "--dry-run", "--require-hashes", "--only-binary=:all:")
    locks = [f"--requirement={REQUIREMENTS / name}.txt" for name in ("runtime", "build")]
    for version in VERSIONS:
        for platform in PLATFORMS:
            for_it = (f"--python-version={version}", f"--python-platform={platform}")
            target = ("--target", tmp_path / "target")
            said = run([uv, *options, *for_it, *target, *locks], env=clean_environment(UV_NO_CACHE="1"))
            assert "Would install" in said.stderr, (version, platform)
