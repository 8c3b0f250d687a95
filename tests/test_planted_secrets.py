"""A secret that is written into the files that are scanned comes out nowhere: short or longer than any window, in every kind of file
and every place that can hold a URL, by every command in every format."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.cli.main import main
from tests.support import NOW

SNAPSHOT: Final = [
    "--sha",
    "7c2a9d5e1b3f4860c2a9d5e1b3f48607c2a9d5e1",
    "--ref",
    "refs/heads/main",
    "--job-id",
    "1",
    "--correlator",
    "c",
]
PIECE: Final = re.compile(r"(?i)Leak\w{0,2}P(\d\d\d)")
"""Any part of a planted secret, with the number of its place."""

COMMIT: Final = "7c2a9d5e1b3f4860c2a9d5e1b3f48607c2a9d5e1"
NAR_HASH: Final = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
FORMS: Final = {
    "password": "https://oauth2:{secret}@host.example.com/{place}/x",
    "http": "http://oauth2:{secret}@host.example.com/{place}/x",
    "query": "https://host.example.com/{place}/x?private_token={secret}",
    "at the end": "https://host.example.com/" + "deep/" * 120 + "{place}/x?private_token={secret}",
    "token in a path": "https://host.example.com/ghp_{secret}/x",
    "token": "ghp_{secret}",
}


class Planter:
    """Makes URLs, each with a secret of its own."""

    def __init__(self, form: str, long: bool) -> None:
        self.form = FORMS[form]
        self.long = long
        self.places: list[str] = []

    def __call__(self, name: str) -> str:
        place = len(self.places) + 100
        self.places.append(name)
        pieces = range(82 if self.long else 2)
        secret = "".join(f"LeakP{place}n{number:02}x" for number in pieces)
        return self.form.format(secret=secret, place=f"p{place}")


def _lock(url: Planter, of: str) -> str:
    def node(locked: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
        return {
            "locked": {"lastModified": 1_700_000_000, "narHash": NAR_HASH, **locked},
            "original": original,
        }

    git = {"type": "git", "url": url(f"{of} locked git")}
    nodes = {
        "root": {"inputs": {"tarball": "tarball", "file": "file", "git": "git", "nixpkgs": "nixpkgs", "odd": "odd"}},
        "tarball": node({"type": "tarball", "url": url(f"{of} locked tarball")}, {"type": "tarball", "url": url(f"{of} tarball")}),
        "file": node({"type": "file", "url": url(f"{of} locked file")}, {"type": "file", "url": url(f"{of} file")}),
        "git": node({**git, "rev": COMMIT, "ref": "main"}, {"type": "git", "url": url(f"{of} git"), "ref": "main"}),
        "odd": node({"type": url(f"{of} type"), "url": "x"}, {"type": "hg", "url": url(f"{of} hg")}),
        "nixpkgs": node(
            {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": COMMIT, "host": url(f"{of} host")},
            {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": url(f"{of} ref")},
        ),
    }  # fmt: skip
    return json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2)


def _flake(url: Planter) -> str:
    return f"""{{
  inputs.tarball.url = "{url("flake.nix tarball")}";
  inputs.git.url = "git+{url("flake.nix git")}";
  inputs.new = {{ url = "{url("flake.nix without lock")}"; flake = false; }};
  nixConfig.extra-substituters = [ "{url("flake.nix substituter")}" ];
  nixConfig.extra-trusted-public-keys = [ "{url("flake.nix key")}" ];
  outputs = {{ self, ... }}: {{
    a = fetchTarball "{url("flake.nix fetchTarball")}";
    b = builtins.fetchGit {{ url = "{url("flake.nix fetchGit")}"; }};
    c = import (builtins.fetchurl "{url("flake.nix fetchurl")}") {{ }};
    d = builtins.getFlake "{url("flake.nix getFlake")}";
  }};
}}
"""


def _workflow(url: Planter) -> str:
    return f"""name: {url("workflow name")}
run-name: "${{{{ github.actor }}}} {url("run-name")}"
on:
  pull_request_target:
  workflow_dispatch:
    inputs: {{ target: {{ default: "{url("input default")}", description: "{url("input description")}" }} }}
env:
  MIRROR: {url("workflow env")}
jobs:
  build:
    name: build {url("job name")}
    runs-on: ubuntu-latest
    environment: {{ name: production, url: "{url("environment url")}" }}
    container: {{ image: "{url("container image")}", credentials: {{ username: u, password: "{url("credentials")}" }} }}
    services: {{ db: {{ image: "docker.example.com/x?private_token={url("service image")}" }} }}
    if: github.repository == '{url("job if")}'
    outputs: {{ out: "{url("output")}" }}
    steps:
      - uses: actions/checkout@v4
        with: {{ ref: "${{{{ github.event.pull_request.head.sha }}}}", repository: "{url("checkout repository")}" }}
      - run: git clone {url("run before a finding")}
      - run: echo "${{{{ github.event.pull_request.title }}}}" {url("run behind a finding on the line")}
      - run: git push {url("run on the line before")} && echo "${{{{ github.event.pull_request.body }}}}" && make
      - run: curl -sSL {url("curl")} | sh
      - run: curl {url("curl of outsiders")}${{{{ github.head_ref }}}} | bash
      - run: |
          pip install --index-url {url("pip index")} thing
          pip install git+{url("pip git")}
          npm install --registry={url("npm")} thing
          nix run {url("nix run")}
          nix build --override-input a {url("override")} --option substituters "{url("option")}"
          docker run docker://{url("docker run")}
          nix-shell -p hello -I nixpkgs={url("nix path")}
          wget -qO- {url("wget")} | bash
          echo "URL={url("github env")}" >> $GITHUB_ENV
          gh api {url("gh api")}
      - name: step {url("step name")}
        uses: DeterminateSystems/nix-installer-action@main
        with:
          extra-conf: |
            extra-substituters = {url("installer substituters")}
            access-tokens = github.com={url("access-tokens")}
          source-url: {url("installer source")}
      - uses: cachix/install-nix-action@v31
        with: {{ install_url: "{url("install_url")}", nix_path: "nixpkgs={url("nix_path")}" }}
      - uses: docker://{url("docker uses").removeprefix("https://").removeprefix("http://")}
      - uses: {url("uses")}
      - uses: acme/tool@{url("uses ref")}
      - uses: ./local
        with: {{ unknown: "{url("with unknown")}" }}
        env: {{ THING: "{url("step env")}" }}
        if: contains('{url("contains")}', github.ref)
      - run: x
        shell: {url("shell")}
        working-directory: {url("working-directory")}
      - run: y
        if: github.event.x == '{url("expression")}' &&& true
  called:
    uses: acme/repo/.github/workflows/x.yml@{url("called")}
    with: {{ a: "{url("called with")}" }}
    secrets: inherit
"""


def plant(root: Path, url: Planter) -> None:
    """A repository with a secret at every place."""
    files = {
        "flake.nix": _flake(url),
        "flake.lock": _lock(url, "flake.lock"),
        "sub/devenv.lock": _lock(url, "devenv.lock"),
        "npins/sources.json": json.dumps(
            {
                "version": 5,
                "pins": {
                    "channel": {
                        "type": "Channel",
                        "name": "nixos-24.11",
                        "url": url("npins url"),
                        "hash": NAR_HASH,
                    },
                    "git": {
                        "type": "Git",
                        "repository": {"type": "Git", "url": url("npins git")},
                        "branch": "main",
                        "revision": COMMIT,
                        "url": None,
                        "hash": NAR_HASH,
                    },
                    "forge": {
                        "type": "GitRelease",
                        "repository": {
                            "type": "Forgejo",
                            "server": url("npins server"),
                            "owner": "a",
                            "repo": "b",
                        },
                        "version": "v1",
                        "revision": COMMIT,
                        "url": url("npins release"),
                        "hash": NAR_HASH,
                    },
                },
            },
            indent=2,
        ),
        "nix/sources.json": json.dumps(
            {
                "nixpkgs": {
                    "branch": "nixos-unstable",
                    "homepage": url("niv homepage"),
                    "owner": "NixOS",
                    "repo": "nixpkgs",
                    "rev": COMMIT,
                    "sha256": "0j4fqyyq8ihqs8fxgg6wnankv8z1bh069c4qr2ybpcdxmcpds12r",
                    "type": "tarball",
                    "url": url("niv url"),
                    "url_template": url("niv template"),
                },
                "data": {"type": "git", "repo": url("niv repo"), "rev": COMMIT, "branch": url("niv branch")},
            },
            indent=2,
        ),
        "lon.lock": json.dumps(
            {
                "version": "1",
                "sources": {
                    "a": {
                        "type": "Git",
                        "fetchType": "git",
                        "branch": "main",
                        "revision": COMMIT,
                        "url": url("lon url"),
                        "hash": NAR_HASH,
                    }
                },
            },
            indent=2,
        ),
        "nix.conf": f"extra-substituters = {url('nix.conf substituter')}\nfoo {url('nix.conf wrong')}\n"
        f"access-tokens = host={url('nix.conf token')}\n",
        ".github/workflows/ci.yml": _workflow(url),
        ".github/workflows/wrong.yml": f"on: push\njobs: [{url('wrong workflow')}\n  x: {{",
        "local/action.yml": f"""name: local {url("action name")}
description: {url("action description")}
inputs: {{ known: {{ default: "{url("action default")}" }} }}
runs:
  using: composite
  steps:
    - run: curl {url("action run")} | sh && echo ${{{{ inputs.known }}}}
      shell: bash
    - uses: docker://host.example.com/x?private_token={url("action image")}
""",
        "image/action.yml": f"name: i\ndescription: d\nruns: {{ using: docker, image: 'docker://{url('action docker')}' }}\n",
        ".github/dependabot.yml": f"""version: 2
registries:
  r: {{ type: npm-registry, url: "{url("dependabot registry")}", password: "{url("dependabot password")}" }}
updates:
  - {{ package-ecosystem: "{url("ecosystem")}", directory: "/", schedule: {{ interval: weekly }}, registries: [r] }}
""",
        "renovate.json": json.dumps(
            {
                "extends": [url("renovate preset")],
                "registryUrls": [url("renovate registry")],
                "hostRules": [{"matchHost": url("renovate host")}],
            }
        ),
        ".pre-commit-config.yaml": f"repos:\n  - repo: {url('hook repository')}\n    rev: main\n    hooks: [{{ id: x }}]\n"
        f"  - repo: {url('pinned hook repository')}\n    rev: {COMMIT}\n    hooks: [{{ id: '{url('hook')}' }}]\n",
        "CODEOWNERS": f"* {url('owner')}\n",
        "snowfence.yaml": f"""snowfence: 1
extends: [strict]
exceptions:
  - {{ rule: unpinned-uses, target: actions/*, reason: "see {url("reason")}", expires: 2027-01-01 }}
""",
    }
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


REPORTS: Final = ("text", "json", "sarif", "github", "markdown", "html", "junit", "csv", "gitlab")
TABLES: Final = ("text", "json", "markdown")
BILLS: Final = ("cyclonedx-json", "cyclonedx-xml", "spdx-json", "github-snapshot")


def commands(root: Path, other: Path, out: Path) -> Iterator[list[str]]:
    """Every command in every format; what takes several at once writes them into `out`."""
    now = ["--now", NOW]

    def to(name: str, formats: tuple[str, ...]) -> list[str]:
        return [word for one in formats for word in ("--output", f"{one}={out / name}.{one}")]

    for number, policy in enumerate(([], ["--policy", "strict", "--no-repository-policy"])):
        judged = [*now, *policy]
        yield ["scan", str(root), *judged, *to(f"scan{number}", REPORTS)]
        yield ["inputs", str(root), *judged, "--transitive", *to(f"inputs{number}", TABLES)]
        yield ["score", str(root), *judged, "--all", *to(f"score{number}", TABLES)]
        locks = [str(one / "flake.lock") for one in (other, root)]
        yield ["diff", *locks, *judged, *to(f"diff{number}", (*TABLES, "sarif"))]
    yield ["exposure", str(root), *now, *to("exposure", TABLES)]
    for format in ("text", "json", "dot", "mermaid", "graphml"):
        yield ["graph", str(root), *now, "--format", format]
    for format in ("text", "json"):
        yield ["graph", str(root), *now, "--taint", "--format", format]
        yield ["why", "git", str(root), "--format", format]
    yield ["graph", str(root), *now, "--attributes", "--format", "json"]
    for picture in ("inputs", "workflows"):
        yield ["graph", str(root), *now, "--format", "svg", "--picture", picture]
    yield ["sbom", str(root), *now, *SNAPSHOT, *to("sbom", BILLS)]
    yield ["why", "acme/tool", str(root)]
    yield ["policy", "show", str(root)]
    yield ["policy", "check", str(root)]
    yield ["policy", "init", str(root), "--output", "-"]
    yield ["policy", "accept", str(root), *now]


def said(arguments: list[str]) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue() + err.getvalue()


def leaks(text: str, url: Planter) -> dict[str, str]:
    """The places whose secret a text has a part of, with what stands around it."""
    found: dict[str, str] = {}
    for part in PIECE.finditer(text):
        found.setdefault(url.places[int(part[1]) - 100], text[max(0, part.start() - 60) : part.end() + 20])
    return found


@pytest.mark.parametrize(
    ("form", "long"),
    [
        pytest.param(
            form,
            long,
            id=f"{form}, {'long' if long else 'short'}",
            # The whole takes half a minute; these two are of all kinds.
            marks=()
            if (form, long) in (("password", True), ("token in a path", False))
            else pytest.mark.registry,
        )
        for form in FORMS
        for long in (False, True)
    ],
)
def test_no_command_shows_a_secret_of_the_files(form: str, long: bool, tmp_path: Path) -> None:
    root, other, out, url = tmp_path / "root", tmp_path / "other", tmp_path / "out", Planter(form, long)
    plant(root, url)
    plant(other, Planter(form, long))
    out.mkdir()
    planted = {file for file in root.rglob("*") if file.is_file()}
    for arguments in commands(root, other, out):
        code, text = said(arguments)
        assert code in (0, 1) or arguments[:2] == ["why", "acme/tool"], (arguments, text)
        assert not leaks(text, url), arguments
    written = {file for file in tmp_path.rglob("*") if file.is_file() and other not in file.parents} - planted
    assert {file.name for file in written if root in file.parents} == {".snowfence-accepted.json"}
    assert len(written) == 1 + 2 * (len(REPORTS) + 3 * len(TABLES) + 1) + len(TABLES) + len(BILLS)
    for file in written:
        assert file.stat().st_size > 100
        assert not leaks(file.read_text("utf-8"), url), file.name


def test_the_search_would_find_one(tmp_path: Path) -> None:
    """Proves that the test above can fail: every place is in a file."""
    url = Planter("password", True)
    plant(tmp_path, url)
    texts = [file.read_text("utf-8") for file in tmp_path.rglob("*") if file.is_file()]
    assert {place for text in texts for place in leaks(text, url)} == set(url.places)


@pytest.mark.parametrize("size", [1, 52, 120])
@pytest.mark.parametrize("format", ["text", "html", "markdown", "sarif"])
def test_a_long_token_beside_and_on_the_line_of_a_finding(size: int, format: str, tmp_path: Path) -> None:
    """Wherever its beginning and its end are, seen from what is shown."""
    token = "Leak" + "P100n00x" * size
    clone = f"git clone https://oauth2:{token}@gitlab.com/a/b"
    title = "${{ github.event.pull_request.title }}"
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        + f"      - run: {clone}\n      - run: echo {title}\n      - run: {clone} && echo {title} && {clone}\n",
        "utf-8",
    )
    code, text = said(["scan", str(tmp_path), "--now", NOW, "--format", format])
    assert code == 1 and "template-injection" in text
    assert "P100n00x" not in text and "Leak" not in text
