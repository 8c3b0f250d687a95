"""Secrets in URLs, and what only looks like one."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.cli.main import main
from scanner.model.quoting import quoted
from scanner.model.secrets import masked, masked_part, may_hold_secrets, secrets

TOKEN = "ghp_0123456789abcdefABCDEF0123456789abcd"


@pytest.mark.parametrize(
    ("url", "secret", "sure"),
    [
        ("https://user:hunter2@example.org/a", "hunter2", True),
        ("git+https://user:hunter2@example.org:8080/a?ref=b", "hunter2", True),
        ("ssh://git:hunter2@example.org/a", "hunter2", True),
        ("https://user:password@example.org/a", "password", True),
        ("https://example.org/a?token=secret", "secret", False),
        ("https://glpat-ab12cd@gitlab.com/a/b", "glpat-ab12cd", True),
        ("https://user:p@ss@example.org/a", "p@ss", True),
        (f"https://{TOKEN}@github.com/a/b", TOKEN, True),
        (f"https://x-access-token:{TOKEN}@github.com/a/b", TOKEN, True),
        (f"https://{TOKEN}:x-oauth-basic@github.com/a/b", f"{TOKEN}:x-oauth-basic", True),
        ("https://oauth2:glpat-abcdef0123@gitlab.com/a/b", "glpat-abcdef0123", True),
        ("https://0123456789abcdef0123456789abcdef01234567@example.org/a", None, False),
        ("https://example.org/a?access_token=0a1b2c", "0a1b2c", False),
        ("https://example.org/a?ref=x&Private_Token=0a1b2c&dir=y", "0a1b2c", False),
        ("https://bucket.example.org/a.tar.gz?X-Amz-Signature=0a1b2c3d", "0a1b2c3d", False),
        (f"https://example.org/{TOKEN}/a.tar.gz", TOKEN, True),
        (f"https://example.org/a?x={TOKEN}", TOKEN, True),
        ("docker://https://user:hunter2@example.org/a", "hunter2", True),
        ("https://example.org/a?u=https://user:hunter2@example.org/b", "hunter2", True),
        ("https://example.org/a?u=https://example.org/b?token=0a1b2c", "0a1b2c", False),
    ],
)
def test_secrets(url: str, secret: str | None, sure: bool) -> None:
    (found,) = secrets(url)
    if secret is not None:
        assert url[found.start : found.end] == secret
        assert secret not in masked(f'  url = "{url}";')
    assert found.sure == sure


@pytest.mark.parametrize(
    "url",
    [
        "ssh://git@github.com/a/b",
        "git@github.com:a/b.git",
        "https://alice@dev.azure.com/alice/project/_git/a",
        "https://user:@example.org/a",
        "https://user:$PASSWORD@example.org/a",
        "https://user:<password>@example.org/a",
        "https://user:xxxxxx@example.org/a",
        "ftp://anonymous:me@example.org@ftp.example.org/a",
        "https://example.org/@user/a:b@c",
        "https://example.org/a?token=",
        "https://example.org/a?token=$TOKEN",
        "https://example.org/a?rev=0123456789abcdef0123456789abcdef01234567&narHash=sha256-abc",
        "https://github.com/a/ghp_of_somebody_else",
        "https://api.flakehub.com/f/pinned/a/b/0.1.2%2Brev-0123456789abcdef0123456789abcdef01234567/x/source.tar.gz",
        "docker://alpine:3.20@sha256:0123456789abcdef0123456789abcdef01234567",
        "github:a/b",
        "/home/a:b@c",
        "",
    ],
)
def test_no_secrets(url: str) -> None:
    assert not list(secrets(url))
    assert masked(url) == url


@given(st.text(alphabet="ab1@:/?&=#% \"'\u00e9ghp_", max_size=80))
def test_masking_keeps_the_length(text: str) -> None:
    text = f"https://{text} https://{text}"
    assert len(masked(text)) == len(text)
    places = [(secret.start, secret.end) for secret in secrets(text)]
    assert places == sorted(places)
    assert all(start < end for start, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))


WORDS = "ab1@:/?&=# \"'\n\t\\,-ughp_"
PIECES = (
    "-u",
    "-su",
    "--user",
    "--proxy-user",
    "=",
    " ",
    "\t",
    "\\\n",
    "\\n",
    '"',
    "'",
    ",",
    ":",
    "a:pass",
    "x",
    "`",
    "[",
    " " * 60,
)


@given(
    st.text(alphabet=WORDS, max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.sampled_from(
        (
            f"https://u:{'s3cret' * 90}@h/x",
            f"?token={'s3cret' * 90}",
            TOKEN,
            " -u 'a:pass'",
            " -u \\\n  a:pass",
            "://",
        )
    ),
    st.text(alphabet=WORDS, max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_a_part_is_masked_as_the_whole(before: str, secret: str, behind: str, low: int, high: int) -> None:
    text = before + secret + behind
    low, high = sorted((min(low, len(text)), min(high, len(text))))
    assert masked_part(text, low, high) == masked(text)[low:high]


@pytest.mark.parametrize("size", [10, 61, 400, 1_000, 100_000])
@pytest.mark.parametrize(
    "text",
    ["https://oauth2:{}@gitlab.com/a", "a https://h/x?token={}", "https://h/x?a=b&token={}&c", "ghp_{}"],
)
def test_what_is_quoted_shows_nothing_of_a_secret_however_long(text: str, size: int) -> None:
    secret = ("s3cr3t0Kxq9z" * (size // 12 + 2))[: max(size, 30)]
    for _ in range(2):  # the second time it is remembered
        assert "s3c" not in quoted(text.format(secret))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "access-tokens = github.com=ghp_AbCd1234567890abcdEFGH1234567890abcd",
            "access-tokens = github.com=" + "*" * 40,
        ),
        ("github:o/r?token=glpat-SECRETtok1234567890&dir=x", "github:o/r?token=" + "*" * 25 + "&dir=x"),
        ("run a?password=hunter2x b?c=d", "run a?password=******** b?c=d"),
        ("what? nothing", "what? nothing"),
        ("is it?", "is it?"),
    ],
)
def test_secrets_outside_of_urls(text: str, shown: str) -> None:
    assert masked(text) == shown


LEAK = "hunter2SECRETpw"


@pytest.mark.parametrize(
    "command", [["scan"], ["inputs"], ["graph"], ["sbom"], ["why", "a"]], ids=lambda words: words[0]
)
@pytest.mark.parametrize(
    "url", [f"https://user:{LEAK}@example.com/x.tar.gz", f"https://example.com/x.tar.gz?private_token={LEAK}"]
)
def test_no_command_prints_the_secret_of_a_lock(command: list[str], url: str, tmp_path: Path) -> None:
    reference = {"type": "tarball", "url": url}
    locked = {**reference, "narHash": "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="}
    nodes = {"a": {"locked": locked, "original": reference}, "root": {"inputs": {"a": "a"}}}
    (tmp_path / "flake.lock").write_text(json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2))
    (tmp_path / "nix.conf").write_text(f"https://u:{LEAK}@x.com bad line\n")
    formats = {
        "scan": ("text", "json", "sarif", "github"),
        "inputs": ("text", "json", "markdown"),
        "graph": ("json", "dot", "text"),
    }
    for format in formats.get(command[0], (None,)):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            main([*command, str(tmp_path), *(["--format", format] if format else [])])
        assert out.getvalue()
        assert LEAK not in out.getvalue() + err.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("curl -u admin:hunter2secret $X", "curl -u admin:************* $X"),
        ("curl --user 'admin:hunter2secret' $X", "curl --user 'admin:*************' $X"),
        ("curl --user=a:bc https://x", "curl --user=a:** https://x"),
        # Blanks of any kind and number, lines that go on, the beginning of the text.
        ("curl\t-u\ta:pass x", "curl\t-u\ta:**** x"),
        ("curl --user  a:pass x", "curl --user  a:**** x"),
        ("curl \\\n-u a:pass x", "curl \\\n-u a:**** x"),
        ("-u a:pass", "-u a:****"),
        ("curl -u \\\r\n    a:pass x", "curl -u \\\r\n    a:**** x"),
        ("curl -u `\n  a:pass x", "curl -u `\n  a:**** x"),
        (r'run: "curl\n-u\ta:pass x"', r'run: "curl\n-u\ta:**** x"'),
        (r'run: "curl -u \"a:pass\" x"', r'run: "curl -u \"a:****\" x"'),
        # Other ways to write it.
        ("curl -ua:pass x", "curl -ua:**** x"),
        ("curl -su'a:pass' x", "curl -su'a:****' x"),
        ('curl -su"$U:pass" x', 'curl -su"$U:****" x'),
        ("curl -4u a:pass x", "curl -4u a:**** x"),
        ("run: 'curl -u ''a:pass'' x'", "run: 'curl -u ''a:****'' x'"),
        ("-ua:pass", "-ua:****"),
        ('curl -u"$USER:pass" x', 'curl -u"$USER:****" x'),
        ("curl -su a:pass x", "curl -su a:**** x"),
        ("curl -fsSLu a:pass x", "curl -fsSLu a:**** x"),
        ("curl -U a:pass x", "curl -U a:**** x"),
        ("curl --proxy-user a:pass x", "curl --proxy-user a:**** x"),
        ("curl --proxy-user='a:pass' x", "curl --proxy-user='a:****' x"),
        ("curl -u 'a':pass x", "curl -u 'a':**** x"),
        ("curl -u a:'pass' x", "curl -u a:'****' x"),
        ("""curl -u "a":"pass" x""", """curl -u "a":"****" x"""),
        ("""run(["curl", "-u", "a:pass"])""", """run(["curl", "-u", "a:****"])"""),
        ("""run(["curl","-u","a:pass"])""", """run(["curl","-u","a:****"])"""),
        ("curl -u -u a:pass x", "curl -u -u a:**** x"),
        ("docker run -u app:app x", "docker run -u app:*** x"),  # nobody can tell
        # A variable, a user alone, another option, a time behind `date -u`.
        ("curl -u admin:$PASSWORD", "curl -u admin:$PASSWORD"),
        ("x -update:true -use:foo -unstable:foo", "x -update:true -use:foo -unstable:foo"),
        ("x -u path:./x", "x -u path:./x"),
        ("sudo -u admin ls", "sudo -u admin ls"),
        ("docker run -u 1000:1000 x", "docker run -u 1000:1000 x"),
        ("docker run --user $USER:$GROUP x", "docker run --user $USER:$GROUP x"),
        ('docker run --user "$(id -u):$(id -g)" x', 'docker run --user "$(id -u):$(id -g)" x'),
        ("git push -u origin main", "git push -u origin main"),
        ("git push -u origin HEAD:refs/heads/a", "git push -u origin HEAD:refs/heads/a"),
        ("date -u +%Y-%m-%dT%H:%M:%SZ", "date -u +%Y-%m-%dT%H:%M:%SZ"),
        ("date -u+%H:%M", "date -u+%H:%M"),
        ("nuclei -u https://example.org/a", "nuclei -u https://example.org/a"),
        ("pip install -U git+https://example.org/a", "pip install -U git+https://example.org/a"),
        ("x --user-agent a:pass", "x --user-agent a:pass"),
        ("x-u a:pass", "x-u a:pass"),
        ("x -unix:/run/a", "x -unix:/run/a"),
        ("rsync -avu host:/a .", "rsync -avu host:/a ."),
        ("curl -u 'admin:' x", "curl -u 'admin:' x"),
        ("key sk-ant-api03-a1b2c3d4e5f6g7h8", "key *****************************"),
    ],
)
def test_passwords_in_options_and_keys_of_models_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@given(
    st.lists(st.sampled_from((*PIECES, TOKEN, "?token=pass", "https://u:pass@h")), max_size=30).map("".join)
)
def test_the_quick_look_overlooks_no_secret(text: str) -> None:
    if not may_hold_secrets(text):
        assert not list(secrets(text))


def test_a_password_behind_a_line_that_goes_on_is_in_no_graph(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "a.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        f"      - run: |\n          curl \\\n          -u u:{LEAK} http://x\n",
        "utf-8",
    )
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["graph", str(tmp_path), "--format", "json", "--attributes"]) == 0
    assert "-u u:***" in out.getvalue()
    assert LEAK not in out.getvalue()
