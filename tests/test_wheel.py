"""What is released is whole: installed elsewhere, wheel and sdist find their policies, knowledge, styles and rules' pages."""

from __future__ import annotations

import email
import json
import re
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import scanner
from scanner import HOME
from tests.locked import PIP_INSTALL, locked, venv
from tests.support import NOW, ROOT, clean_environment, run, snowfence, tarball_lock

pytestmark = pytest.mark.registry  # the fresh venvs install the runtime dependencies

JUNK = re.compile(
    r"(^|/)(__pycache__|\.venv|\.git|node_modules|build|dist|\.[a-z_]+_cache|\.hypothesis)(/|$)|\.pyc$"
)


class Built(NamedTuple):
    checkout: Path
    wheel: Path
    sdist: Path


def tracked() -> set[str]:
    """The files of the checkout that are, or would be, committed."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = run(command, cwd=ROOT, env=clean_environment()).stdout.split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


def copied(copy: Path) -> Path:
    """A copy of this checkout in which somebody has worked."""
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    for junk in ("scanner/__pycache__/x.pyc", ".venv/x", "dist/x", ".mypy_cache/x", "node_modules/x.js"):
        (copy / junk).parent.mkdir(parents=True, exist_ok=True)
        (copy / junk).write_text("junk", "utf-8")
    return copy


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return locked(tmp_path_factory.mktemp("build") / "venv", "build") / "python"


def built(builder: Path, checkout: Path, folder: Path) -> Built:
    """Its sdist, and the wheel that is built from that."""
    run([builder, "-m", "build", "--no-isolation", "--outdir", folder, checkout])
    [wheel] = folder.glob("*.whl")
    [sdist] = folder.glob("*.tar.gz")
    return Built(checkout, wheel, sdist)


def files_of(checkout: Path) -> set[str]:
    """The files of a copy but for what git ignores."""
    names = {file.relative_to(checkout).as_posix() for file in checkout.rglob("*") if file.is_file()}
    return {name for name in names if not JUNK.search(name)}


@pytest.fixture(scope="module")
def distributions(builder: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(builder, copied(tmp_path_factory.mktemp("checkout")), tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def installed(
    request: pytest.FixtureRequest, distributions: Built, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The command in a venv that holds nothing else, so that a missing dependency shows."""
    programs = venv(tmp_path_factory.mktemp("installed") / "venv")
    distribution: Path = getattr(distributions, request.param)
    run([programs / "python", *PIP_INSTALL, distribution])
    return programs / "snowfence"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Findings in a lock and a workflow."""
    lock = tarball_lock("http://example.org/src.tar.gz", last_modified=1790000000, hashed=False)
    (tmp_path / "flake.lock").write_text(lock, encoding="utf-8")
    (tmp_path / "lon.lock").write_text("not JSON", encoding="utf-8")  # which every pack about Nix reports
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\njobs: {a: {runs-on: x, steps: [{uses: some/thing@main}]}}\n", "utf-8")
    return tmp_path


def test_pypi_would_take_them(distributions: Built, tmp_path: Path) -> None:
    python = locked(tmp_path / "release", "release") / "python"
    said = run([python, "-m", "twine", "check", "--strict", *distributions[1:]]).stdout
    assert said.count("PASSED") == 2


def test_what_pypi_shows_of_it(distributions: Built) -> None:
    wheel = zipfile.ZipFile(distributions.wheel)
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    with tarfile.open(distributions.sdist) as archive:
        member = archive.extractfile(f"snowfence-{scanner.__version__}/PKG-INFO")
        assert member is not None
        assert member.read() == wheel.read(name)
    metadata = email.message_from_bytes(wheel.read(name))
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))
    assert urls.keys() >= {"Homepage", "Documentation", "Changelog", "Issues"}
    assert all(url.startswith(HOME) for url in urls.values())
    shown = metadata.get_payload(decode=True)
    assert isinstance(shown, bytes)
    assert f"]({HOME}/blob/v{scanner.__version__}/docs/commands.md)" in shown.decode()
    assert f"![The page of a scan]({HOME}/raw/v{scanner.__version__}/docs/images/" in shown.decode()


def test_the_same_commit_gives_the_same_bytes(builder: Path, distributions: Built, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(
        distributions.checkout, tmp_path / "elsewhere", copy_function=shutil.copyfile
    )  # and later
    again = built(builder, elsewhere, tmp_path / "dist")
    for one, other in zip(distributions[1:], again[1:], strict=True):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()


def test_the_wheel_holds_the_package_with_all_its_data(distributions: Built) -> None:
    names = set(zipfile.ZipFile(distributions.wheel).namelist())
    ours = {name for name in files_of(distributions.checkout) if name.startswith("scanner/")}
    assert ours - names == set()
    assert {f"scanner/_policies/{file.name}" for file in (ROOT / "policies").glob("*.yaml")} <= names
    other = {name for name in names - ours if not name.startswith(("scanner/_", "snowfence-"))}
    assert other == set()
    assert not [name for name in names if JUNK.search(name)]


def test_the_sdist_holds_what_is_committed(distributions: Built) -> None:
    with tarfile.open(distributions.sdist) as archive:
        members = archive.getmembers()
    names = {member.name.partition("/")[2] for member in members if member.isfile()}
    committed = files_of(distributions.checkout)
    left_out = {name for name in committed - names if not name.startswith((".ci/", "bench/results/"))}
    assert left_out == set()
    assert names - committed == {"PKG-INFO"}
    assert not [name for name in names if JUNK.search(name)]
    assert {member.uid for member in members} == {0}


def test_version(installed: Path, tmp_path: Path) -> None:
    assert scanner.__version__ in run([installed, "--version"], cwd=tmp_path).stdout


def test_rules_and_their_pages(installed: Path, tmp_path: Path) -> None:
    rules = json.loads(run([installed, "rules", "--format", "json"], cwd=tmp_path).stdout)["rules"]
    here = json.loads(run([sys.executable, "-m", "scanner", "rules", "--format", "json"], cwd=ROOT).stdout)
    assert rules == here["rules"]
    for rule in rules[:: max(1, len(rules) // 12)]:
        assert rule["title"] in run([installed, "explain", rule["id"]], cwd=tmp_path).stdout
    package = installed.parent.parent
    [pages] = package.glob("lib/python*/site-packages/scanner/rules")
    assert {page.stem.replace("_", "-") for page in pages.rglob("*.md")} == {rule["id"] for rule in rules}


@pytest.mark.parametrize("pack", sorted(path.stem for path in (ROOT / "policies").glob("*.yaml")))
def test_scan_with_every_pack(installed: Path, repository: Path, pack: str) -> None:
    (repository / "snowfence.yaml").write_text(f"snowfence: 1\nextends: [{pack}]\n", encoding="utf-8")
    arguments = ("scan", repository, "--format", "json", "--now", NOW)
    there = run([installed, *arguments], cwd=repository, expect=(0, 1))
    here = snowfence(*arguments, expect=(0, 1))
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert json.loads(there.stdout)["findings"], "an empty report proves nothing"


@pytest.mark.parametrize("format", ["text", "sarif", "github", "markdown", "html", "junit", "csv", "gitlab"])
def test_every_format(installed: Path, repository: Path, format: str) -> None:
    arguments = ("scan", repository, "--format", format, "--now", NOW)
    there = run([installed, *arguments], cwd=repository, expect=(0, 1))
    here = snowfence(*arguments, expect=(0, 1))
    assert there.stdout == here.stdout
    assert "insecure-transport" in there.stdout


@pytest.mark.parametrize("format", ["cyclonedx-json", "cyclonedx-xml", "spdx-json", "github-snapshot"])
def test_every_sbom(installed: Path, repository: Path, format: str) -> None:
    of_run = ("--sha", "0" * 40, "--ref", "refs/heads/main", "--job-id", "1", "--correlator", "x")
    place = of_run if format == "github-snapshot" else ()
    arguments = ("sbom", repository, "--format", format, "--name", "x", "--now", NOW, *place)
    there = run([installed, *arguments], cwd=repository).stdout
    assert there == snowfence(*arguments).stdout
    assert "some/thing" in there


@pytest.mark.parametrize("command", ["inputs", "exposure", "score", "graph", "knowledge"])
def test_other_commands(installed: Path, repository: Path, command: str) -> None:
    assert run([installed, command], cwd=repository).stdout.strip()


def test_the_schema_of_policies(installed: Path, tmp_path: Path) -> None:
    """Editors are pointed to the file; the command prints the same."""
    [file] = installed.parent.parent.glob("lib/python*/site-packages/scanner/_schemas/policy.schema.json")
    printed = run([installed, "schema", "policy"], cwd=tmp_path).stdout
    schema: Any = json.loads(printed)
    assert json.loads(file.read_text("utf-8")) == schema
