"""`snowfence sbom` as people call it: formats, files, and what it says of the repository itself."""

import json
from pathlib import Path

import pytest

from scanner.cli.main import main
from tests.sbom.official import xml_errors
from tests.support import ROOT, git_environment, run

DEMO = str(ROOT / "fixtures" / "demo")
FIXED = ("--now", "2026-11-22", "--knowledge", "shipped")


def test_several_formats_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: tmp_path / name for name in ("plain.json", "bom.xml")}
    outputs = ("--output", str(files["plain.json"]), "--output", f"cyclonedx-xml={files['bom.xml']}")
    assert main(["sbom", DEMO, *FIXED, "--spec-version", "1.7", *outputs]) == 0
    assert capsys.readouterr().out == ""
    document = json.loads(files["plain.json"].read_text("utf-8"))
    text = files["bom.xml"].read_text("utf-8")
    assert document["specVersion"] == "1.7"
    assert document["serialNumber"] in text
    assert xml_errors(text, "1.7") == []


@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("cyclonedx-xml", "bom.xml"),
        ("spdx-json", "a.spdx.json"),
        ("spdx-json", "a.json"),
        ("cyclonedx-json", "a.txt"),
    ],
)
def test_the_name_of_a_file_may_say_its_format(tmp_path: Path, format: str, name: str) -> None:
    assert main(["sbom", DEMO, *FIXED, "--format", format, "--output", str(tmp_path / name)]) == 0
    assert main(["sbom", DEMO, *FIXED, "--output", f"{format}={tmp_path / 'b.xml'}"]) == 0, "it is meant"
    assert (tmp_path / name).read_text("utf-8") == (tmp_path / "b.xml").read_text("utf-8")


def test_a_snapshot_is_refused_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", "nowhere", *FIXED, "--format", "github-snapshot"]) == 2
    assert "a snapshot for GitHub needs" in capsys.readouterr().err


def test_xml_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", DEMO, *FIXED, "--format", "cyclonedx-xml"]) == 0
    assert xml_errors(capsys.readouterr().out, "1.6") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--output", "cyclonedx=x.json"), "`cyclonedx` is no format"),
        (("--output", ""), "`--output` names no file"),
        (("--output", "bom.xml"), "write `--output` `cyclonedx-xml=bom.xml`, or `cyclonedx-json=bom.xml`"),
        (("--output", "a.SPDX.json"), "write `--output` `spdx-json=a.SPDX.json`, or"),
        (("--output", "a.spdx"), "write `--output` `spdx-json=a.spdx`, or"),
        (("--format", "spdx-json", "--output", "a.cdx.json"), "write `--output` `cyclonedx-json=a.cdx.json`"),
        (("--format", "cyclonedx-xml", "--output", "a.json"), "`a.json` would hold cyclonedx-xml, which"),
        (("--purl", "github.com/o/r"), "is no package URL"),
        (
            ("--format", "spdx-json", "--spec-version", "1.7"),
            "`--spec-version` is for CycloneDX, which is not written",
        ),
        (("--sha", "nonsense"), "`--sha` is for a snapshot for GitHub, which is not written"),
        (("--output", "spdx-json=-", "--job-id", ""), "`--job-id` is for a snapshot for GitHub"),
    ],
)
def test_wrong_options_are_refused(
    options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sbom", DEMO, *FIXED, *options]) == 2
    assert said in capsys.readouterr().err


def test_an_option_counts_for_any_of_the_outputs(tmp_path: Path) -> None:
    snapshot = ("--sha", "0" * 40, "--ref", "refs/heads/main", "--job-id", "1", "--correlator", "x")
    files = {format: tmp_path / format for format in ("spdx-json", "github-snapshot", "cyclonedx-json")}
    outputs = [text for format, file in files.items() for text in ("--output", f"{format}={file}")]
    assert main(["sbom", DEMO, *FIXED, "--spec-version", "1.7", *snapshot, *outputs]) == 0
    assert all(json.loads(file.read_text("utf-8")) for file in files.values())


def test_the_repository_is_at_its_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def subject(*options: str) -> dict[str, str]:
        assert main(["sbom", *options, *FIXED]) == 0
        found: dict[str, str] = json.loads(capsys.readouterr().out)["metadata"]["component"]
        return found

    assert "version" not in subject(str(tmp_path))
    git = ("git", "-C", str(tmp_path))
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_text("")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "one")):
        run([*git, *command], env=git_environment())
    head = run([*git, "rev-parse", "HEAD"], env=git_environment()).stdout.strip()
    assert subject(str(tmp_path))["version"] == head
    assert "version" not in subject(str(tmp_path / "inner")), "the commit is about more than the folder"
    assert "version" not in subject(str(tmp_path), "--revision", "")
    given = subject(str(tmp_path), "--revision", "v1", "--purl", "pkg:github/o/r", "--name", "r")
    assert (given["version"], given["purl"], given["name"]) == ("v1", "pkg:github/o/r@v1", "r")


def test_a_commit_is_the_version_of_its_own_files_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def version() -> str | None:
        assert main(["sbom", str(tmp_path), *FIXED]) == 0
        printed = capsys.readouterr()
        found: dict[str, str] = json.loads(printed.out)["metadata"]["component"]
        assert ("version" in found) == ("so the bill names no version" not in printed.err)
        return found.get("version")

    git = ("git", "-C", str(tmp_path))
    flake, workflow = tmp_path / "flake.nix", tmp_path / ".github" / "workflows" / "a.yml"
    workflow.parent.mkdir(parents=True)
    flake.write_text("{ outputs = _: { }; }\n")
    (tmp_path / "readme").write_text("one\n")
    # Git would run it to compare the file.
    ran = tmp_path / "ran"
    (tmp_path / ".gitattributes").write_text("*.nix filter=evil\n")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "one")):
        run([*git, *command], env=git_environment())
    run([*git, "config", "filter.evil.clean", f"touch {ran}; cat"], env=git_environment())
    head = run([*git, "rev-parse", "HEAD"], env=git_environment()).stdout.strip()
    (tmp_path / "readme").write_text("two\n")  # no input, so the bill is the same
    assert version() == head
    workflow.write_text("on: push\njobs: {}\n")
    assert version() is None, "a file that the commit has not"
    workflow.unlink()
    flake.write_text("{ outputs = _: { a = 1; }; }\n")
    assert version() is None, "another text"
    flake.unlink()
    assert version() is None, "a file that only the commit has"
    run([*git, "checkout", "-q", "--", "."], env=git_environment())
    ran.unlink(missing_ok=True)  # that was git
    assert version() == head
    assert not ran.exists()


def _uses(*actions: str) -> str:
    steps = "".join(f"      - uses: {one}\n" for one in actions)
    return f"on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"


def test_what_the_policy_excludes_is_in_no_bill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, action in ((tmp_path, "own/one@v1"), (tmp_path / "vendor", "their/other@v1")):
        (folder / ".github" / "workflows").mkdir(parents=True)
        (folder / ".github" / "workflows" / "ci.yml").write_text(_uses(action))
        (folder / "action.yml").write_text(f"runs: {{using: composite, steps: [{{uses: {action[:-1]}2}}]}}\n")
    (tmp_path / "snowfence.yaml").write_text("snowfence: 1\npaths: {exclude: [vendor/]}\n")

    def names(*options: str) -> set[str]:
        assert main(["sbom", str(tmp_path), *FIXED, *options]) == 0
        said = capsys.readouterr()
        assert ("left out by the policy" in said.err) == (not options)
        bom = json.loads(said.out)
        degrees = {id: one["aggregate"] for one in bom["compositions"] for id in one["dependencies"]}
        assert degrees["repository:."] == ("unknown" if options else "incomplete")
        left = [
            one["value"] for one in bom["metadata"]["properties"] if one["name"] == "snowfence:files_left_out"
        ]
        assert left == ([] if options else ["1"])
        assert main(["sbom", str(tmp_path), *FIXED, *options, "--format", "spdx-json"]) == 0
        assert ("left out by the policy's `paths`: 1 file" in capsys.readouterr().out) == (not options)
        sha = ("--sha", "0" * 40, "--ref", "refs/heads/main", "--job-id", "1", "--correlator", "x")
        assert main(["sbom", str(tmp_path), *FIXED, *options, "--format", "github-snapshot", *sha]) == 0
        assert json.loads(capsys.readouterr().out).get("metadata") == (
            None if options else {"snowfence:files_left_out": 1}
        )
        return {one["name"] for one in bom["components"]}

    assert names() == {"one"}
    assert names("--no-repository-policy") == {"one", "other"}


def test_files_of_a_folder_are_named_as_in_its_checkout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = tmp_path / "inner"
    for folder in (tmp_path, inner):
        (folder / ".github" / "workflows").mkdir(parents=True)
        (folder / ".github" / "workflows" / "ci.yml").write_text(_uses("own/one@v1"))
    run(["git", "-C", str(tmp_path), "init", "-q"], env=git_environment())
    at = "inner/.github/workflows/ci.yml"

    def written(*options: str) -> str:
        assert main(["sbom", str(inner), *FIXED, *options]) == 0
        return capsys.readouterr().out

    (component,) = json.loads(written())["components"]
    assert [one["location"] for one in component["evidence"]["occurrences"]] == [at]
    assert f"{at}:6" in written("--format", "spdx-json")
    sha = ("--sha", "0" * 40, "--ref", "refs/heads/main", "--job-id", "1", "--correlator", "x")
    manifests = json.loads(written("--format", "github-snapshot", *sha))["manifests"]
    assert [one["file"]["source_location"] for one in manifests.values()] == [at]
