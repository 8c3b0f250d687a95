"""A first policy: it is valid, judges as before, and holds proposals that are right as well."""

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.adapters.git import Git
from scanner.discover import kind_of
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Source
from scanner.pipeline import Read, check, read, read_sources
from scanner.policy.load import load_policies, pack
from scanner.policy.packs import pack_names
from scanner.policy.policy import Policy
from scanner.results import Report
from scanner.views.first_policy import first_policy
from tests.golden import FIXTURES
from tests.policy.test_schema import complaint
from tests.support import CORPUS, NOW, snowfence

KNOWLEDGE = Knowledge()
TODAY = date.fromisoformat(NOW)
_EXAMPLES = [
    *(FIXTURES / name for name in ("demo", "outsiders")),
    CORPUS / "blazedots",
    *(
        CORPUS / "open" / name
        for name in (
            "kyverno__kyverno",
            "cachix__devenv",
            "NixOS__nix",
            "helix-editor__helix",
            "Mic92__dotfiles",
        )
    ),
]
REPOSITORIES = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())
_PROPOSAL = re.compile(r"^( *)#(?=[^ #\n])", re.MULTILINE)


def accepted(text: str) -> str:
    """The policy with every proposal of it made to hold."""
    return _PROPOSAL.sub(r"\1", text)


def judged(repository: Read, policy: Policy) -> Report:
    return check("", repository, policy, KNOWLEDGE, TODAY)


def begun(repository: Read, pack_name: str = "recommended") -> str:
    policy = pack(pack_name)
    return first_policy(judged(repository, policy), repository.graph, KNOWLEDGE, policy, pack_name)


def loaded(text: str, folder: Path) -> Policy:
    file = folder / "snowfence.yaml"
    file.write_text(text, "utf-8")
    return load_policies([(file, "snowfence.yaml")])


@pytest.mark.parametrize(
    ("name", "pack_name"),
    [
        *((name, pack_name) for name in REPOSITORIES for pack_name in ("recommended", "strict")),
        *(("flake", pack_name) for pack_name in pack_names() if pack_name not in ("recommended", "strict")),
    ],
)
def test_it_judges_as_before(name: str, pack_name: str, tmp_path: Path) -> None:
    repository = read(FIXTURES / name, Git(), KNOWLEDGE)
    text = begun(repository, pack_name)
    after = judged(repository, loaded(text, tmp_path))
    before = judged(repository, pack(pack_name))
    assert (after.findings, after.unknowns, after.ignored) == (
        before.findings,
        before.unknowns,
        before.ignored,
    )
    assert text == begun(repository, pack_name)
    loaded(accepted(text), tmp_path)


@pytest.mark.parametrize("name", REPOSITORIES)
def test_every_proposal_may_be_taken(name: str, tmp_path: Path) -> None:
    repository = read(FIXTURES / name, Git(), KNOWLEDGE)
    text = begun(repository, "strict")
    policy = loaded(accepted(text), tmp_path)
    assert not _PROPOSAL.search(accepted(text))
    assert complaint(text) == complaint(accepted(text)) == ""
    # The checks allow what is used today.
    found = [one for one in judged(repository, policy).findings if one.rule in policy.own]
    assert not [one.message for one in found if "only a run can tell" not in one.message]


def test_what_names_nobody_is_not_proposed() -> None:
    step = {"uses": "*/thing@v1"}
    workflow = {
        "on": "push",
        "jobs": {"a": {"runs-on": "x", "steps": [step, {"uses": "actions/checkout@v4"}]}},
    }
    path = ".github/workflows/ci.yml"
    repository = read_sources([Source(path, kind_of(path) or "", json.dumps(workflow))], (), KNOWLEDGE)
    text = begun(repository)
    assert "  #allowed-owners:\n    #- actions\nchecks:" in text


def test_a_sentence_about_several_options_stands_once() -> None:
    repository = read(FIXTURES / "demo", Git(), KNOWLEDGE)
    assert begun(repository, "strict").count("the same for every other flake, and for sources") <= 1


@pytest.mark.parametrize("name", ["demo", "flake", "outsiders"])
def test_every_block_may_be_taken_alone(name: str, tmp_path: Path) -> None:
    text = begun(read(FIXTURES / name, Git(), KNOWLEDGE), "strict")
    blocks = text.split("\n\n")
    assert len(blocks) >= 3
    for number, block in enumerate(blocks):
        loaded("\n\n".join([*blocks[:number], accepted(block), *blocks[number + 1 :]]), tmp_path)


@pytest.mark.parametrize("root", _EXAMPLES, ids=lambda root: root.name)
def test_all_that_it_proposes_is_right(root: Path, tmp_path: Path) -> None:
    if not root.is_dir():
        pytest.skip("the real repositories are not beside the checkout")
    text = begun(read(root, Git(), KNOWLEDGE))
    file = tmp_path / "snowfence.yaml"
    file.write_text(accepted(text), "utf-8")
    policy = load_policies([(file, "snowfence.yaml")])
    done = snowfence("policy", "test", file, "--require-examples")
    assert done.returncode == 0 or not policy.own, done.stdout + done.stderr
    assert done.stdout.count("1 bad") == len(policy.own)


def test_the_examples_that_it_proposes_are_right(tmp_path: Path) -> None:
    repository = read(FIXTURES / "flake", Git(), KNOWLEDGE)
    text = accepted(begun(repository))
    file = tmp_path / "snowfence.yaml"
    file.write_text(text, "utf-8")
    said = snowfence("policy", "test", file, "--require-examples").stdout
    assert "allowed-owners: 1 bad" in said
    assert "allowed-substituters: 1 bad" in said
    assert said.endswith("2 examples: all as they say\n")


_REAL = [CORPUS / "blazedots", *sorted((CORPUS / "open").glob("*"))[:12]]


@pytest.mark.skipif(not _REAL[0].is_dir(), reason="the real repositories are not beside the checkout")
@pytest.mark.parametrize("root", _REAL, ids=lambda root: root.name)
def test_real_repositories(root: Path, tmp_path: Path) -> None:
    repository = read(root, Git(), KNOWLEDGE)
    text = begun(repository)
    assert (
        judged(repository, loaded(text, tmp_path)).findings
        == judged(repository, pack("recommended")).findings
    )
    loaded(accepted(text), tmp_path)


# ---------------------------------------------------------------- hostile texts

_NAMES = st.text(
    st.sampled_from([*":#'\"{}[],&*!|>%@`-? \t\n\r\x00\x1b\x85\u2028\u202e\ufeff\uffff", "é", "🦀", "a"])
    | st.characters(codec="utf-8"),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(_NAMES, _NAMES)
def test_hostile_names_stay_inside(tmp_path_factory: pytest.TempPathFactory, name: str, owner: str) -> None:
    path = f".github/workflows/tests/{name.replace('/', '')}/action.yml"
    workflow = {
        "on": "pull_request_target",
        "jobs": {"a": {"runs-on": "x", "steps": [{"name": name, "uses": f"{owner}/b@v1"}]}},
    }
    action = {"runs": {"using": "composite", "steps": [{"uses": f"{owner}/c@v1"}]}}
    files = {".github/workflows/ci.yml": json.dumps(workflow), path: json.dumps(action)}
    assert kind_of(path) == "action"
    repository = read_sources(
        [Source(path, kind_of(path) or "", text) for path, text in files.items()], (), KNOWLEDGE
    )
    text = begun(repository, "strict")
    folder = tmp_path_factory.mktemp("hostile")
    assert judged(repository, loaded(text, folder)).findings == judged(repository, pack("strict")).findings
    loaded(accepted(text), folder)


def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/tests/\xff:"
    try:
        os.makedirs(folder)  # noqa: PTH103
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    action = b"runs: {using: composite, steps: [{uses: a/b@v1}]}"
    with open(folder + b"/action.yml", "wb") as stream:  # noqa: PTH123
        stream.write(action)
    snowfence("policy", "init", tmp_path, "--now", NOW)
    repository = read(tmp_path, Git(), KNOWLEDGE)
    before = judged(repository, pack("recommended"))
    after = judged(repository, load_policies([(tmp_path / "snowfence.yaml", "p")]))
    assert after.findings == before.findings
