"""`snowfence knowledge update`, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from scanner.adapters.sources.every import SOURCES
from scanner.adapters.sources.store import STATE, Store
from scanner.cli.main import main
from scanner.cli.world import knowledge_folder
from scanner.knowledge.folder import RENEWED
from tests.feeds import EPSS_PATH, KEV_PATH, advisory, files, known_records, record, serve, urls
from tests.server import Answer, Asked, Server, slow
from tests.support import clean_environment, run, snowfence

TABLES = {name for source in SOURCES for name in source.tables}
TOKEN = "ghp_PlantedPlantedPlantedPlantedPlanted0"


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def update(server: Server, *more: str) -> int:
    return main(["knowledge", "update", *at(server), *more])


def at(server: Server) -> list[str]:
    return [word for name, url in urls(server).items() for word in ("--url", f"{name}={url}")]


def test_an_update_says_what_is_new(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    serve(server, [*known_records(), record()], [advisory()])
    assert update(server) == 0
    number = len(known_records())
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"osv                {number + 1} advisories, 1 new: GHSA-aaaa-bbbb-cccc",
        f"github-advisories  {number + 2} advisories, 1 new: GHSA-dddd-eeee-ffff",
        "kev                unchanged",
        out.splitlines()[3],
        "endoflife          unchanged",
        "flake-registry     unchanged",
        f"tables in {knowledge_folder()}",
    ]
    assert out.splitlines()[3].startswith("epss               ")
    assert err == ""
    assert files(knowledge_folder()) == TABLES | {STATE}
    assert update(server) == 0
    assert capsys.readouterr().out.count("unchanged") == 6


def test_of_many_new_rows_the_first_are_named(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    new = [record(f"GHSA-aaaa-bbbb-{letter * 4}") for letter in "cfghjmp"]
    serve(server, [*known_records(), *new])
    assert update(server, "--source", "osv") == 0
    said = capsys.readouterr().out.splitlines()[0]
    assert ", 7 new: GHSA-aaaa-bbbb-" in said and said.endswith(" and 2 more")
    assert said.count("GHSA-") == 5


def test_nothing_is_written_where_no_scan_would_read(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    knowledge_folder().mkdir(parents=True)
    knowledge_folder().chmod(0o777)
    serve(server, known_records())
    assert update(server) == 2
    assert "belongs to somebody else or others may write to it" in capsys.readouterr().err
    assert not server.asked and files(knowledge_folder()) == set()


def test_a_scan_uses_what_was_fetched(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(server, [*known_records(), record(package="octo/action")])
    assert update(server) == 0
    workflow = tmp_path / ".github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: octo/action@v2.0.0\n"
    )
    capsys.readouterr()
    main(["scan", str(tmp_path), "--format", "json"])
    assert "GHSA-aaaa-bbbb-cccc" in capsys.readouterr().out
    main(["scan", str(tmp_path), "--format", "json", "--knowledge", "shipped"])
    assert "GHSA-aaaa-bbbb-cccc" not in capsys.readouterr().out


def test_a_failing_source_is_said_with_the_age_of_what_stays(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(server, known_records())
    assert update(server) == 0
    capsys.readouterr()
    server.on(KEV_PATH, Answer(404))
    assert update(server) == 1
    assert capsys.readouterr().err == (
        "snowfence: kev: the server answers 404: there is nothing at this address; exploited.json stays, which is 0 days old\n"
    )


def test_an_empty_table_that_stays_is_said_to_be_empty(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shipped scores have no rows, and a day on which nobody has asked for any."""
    serve(server, known_records())
    server.on(EPSS_PATH, Answer(404))
    assert update(server, "--source", "epss") == 1
    assert capsys.readouterr().err.endswith("; exploit-scores.json stays, which is empty\n")


def test_the_tables_that_an_update_is_said_to_renew() -> None:
    assert TABLES == RENEWED


def test_nothing_answers(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert update(server) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", len(SOURCES))
    assert files(knowledge_folder()) == set()


def test_some_sources_into_a_folder(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(server, known_records())
    folder = tmp_path / "mine"
    assert update(server, "--to", str(folder), "--source", "endoflife", "--source", "kev") == 0
    assert files(folder) == {"exploited.json", "nixos-releases.json", STATE}
    assert files(knowledge_folder()) == set()
    assert capsys.readouterr().out.splitlines() == [
        "kev        unchanged",
        "endoflife  unchanged",
        f"tables in {folder}",
    ]
    assert main(["knowledge", "show", "--knowledge", str(folder)]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "osv"], "`osv` is not NAME=URL; write `--url osv=https://…`"),
        (["--url", "kev"], "`kev` is not NAME=URL; write `--url kev=https://…`"),
        (["--url", "https://x/"], "`https://x/` is not NAME=URL; write `--url osv=https://…`"),
        (["--url", "ovs=https://x"], "there is no source `ovs`; did you mean `osv`?"),
        (["--url", "osv=http://example.org/"], "the address of osv does not begin with `https://`"),
        (["--url", "osv=file:///etc"], "the address of osv does not begin with `https://`"),
        (["--url", "osv=https://[::1"], "the address of osv does not begin with `https://`"),
        (["--url", "osv=https://me:hush@example.org/"], "the address of osv has a user or a password in it"),
        (["--to", "README.md"], "`README.md` is not a folder; name one to write the tables into"),
        (["--to", "/proc/nothing/here"], "cannot write into `/proc/nothing/here`"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "update", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"snowfence: {said}")
    assert "hush" not in err


def test_another_update_is_waited_for_by_people(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    with Store(knowledge_folder()).locked():
        assert update(server) == 2
    assert "another update writes into" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["GH_TOKEN", "GITHUB_TOKEN"])
def test_a_token_goes_nowhere_but_to_github(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv(name, TOKEN)
    serve(server, known_records())
    assert update(server) == 0
    assert not any(TOKEN in str(asked) for asked in server.asked)
    assert TOKEN not in "".join(capsys.readouterr())
    assert not any(TOKEN.encode() in file.read_bytes() for file in knowledge_folder().iterdir())


def test_a_process_that_is_killed_leaves_good_tables(server: Server, tmp_path: Path) -> None:
    """The third source is asked and does not answer; the process ends there."""
    reached = Event()

    def asked(_: Asked) -> Answer:
        reached.set()
        return slow()

    serve(server, [*known_records(), record()], [advisory()])
    server.on(KEV_PATH, asked)
    command = [
        sys.executable,
        "-m",
        "scanner",
        "knowledge",
        "update",
        "--to",
        str(tmp_path / "k"),
        *at(server),
    ]
    with subprocess.Popen(command, env=clean_environment(), stdout=subprocess.DEVNULL) as process:
        assert reached.wait(60)
        process.kill()
    assert files(tmp_path / "k") == {"advisories.json", STATE}
    serve(server, [*known_records(), record()], [advisory()])
    again = run(command)
    assert again.stdout.splitlines()[:2] == ["osv                unchanged", "github-advisories  unchanged"]
    assert json.loads(
        snowfence("knowledge", "show", "--format", "json", "--knowledge", str(tmp_path / "k")).stdout
    )


def test_help_says_what_exit_codes_mean() -> None:
    said = " ".join(snowfence("knowledge", "update", "--help").stdout.split())
    assert "1 when some have not" in said
