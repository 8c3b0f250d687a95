"""What the rules about settings and about Nix in workflows say, beside their pages."""

import pytest

from scanner.discover import kind_of
from scanner.engine import Context, called_for, load, places
from scanner.model.finding import Hit
from scanner.model.source import Source
from scanner.parse.document import parse
from scanner.rules.pages import Example, read_page
from tests.memory import KNOWLEDGE, NOW, repository

SUBJECTS = ("configuration", "evaluation")
EXAMPLES = [
    pytest.param(place.subject, example, id=f"{id}:{example.line}")
    for id, place in places().items()
    if place.subject in SUBJECTS
    for example in read_page(place).examples
    if example.verdict in ("bad", "unknown")
]
HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n"


def messages(id: str, files: dict[str, str]) -> list[str]:
    rule = load(places()[id])
    graph, problems = repository(files)
    context = Context(graph, problems, KNOWLEDGE, NOW, rule.options())
    return [answer.message for answer in rule.check(context) if isinstance(answer, Hit)]


@pytest.mark.parametrize(("subject", "example"), EXAMPLES)
def test_what_a_rule_answers_to_calls_for_it(subject: str, example: Example) -> None:
    sources = [
        Source(path, kind, text)
        for path, text in example.files.items()
        if (kind := kind_of(path)) is not None
    ]
    assert called_for(subject, frozenset(kind for one in sources for kind in parse(one).kinds))


def test_a_workflow_without_nix_calls_for_none() -> None:
    text = HEAD + "    steps:\n      - run: make unix\n"
    kinds = frozenset(parse(Source(".github/workflows/a.yml", "workflow", text)).kinds)
    assert [subject for subject in SUBJECTS if called_for(subject, kinds)] == []


def test_an_image_is_to_be_repaired_by_digest() -> None:
    for image in ("nixos/nix:2.30.1", "ghcr.io/nixos/nix:2.30.1"):
        (message,) = messages(
            "vulnerable-nix-version",
            {".github/workflows/a.yml": f"{HEAD}    container: {image}\n    steps: []\n"},
        )
        assert message.endswith(f"take `{image.removesuffix('.1')}.5`, by its digest")


@pytest.mark.parametrize(
    ("given", "tool", "reported"),
    [
        ("lix_version: 2.93.1", "canidae-solutions/lix-quick-install-action@v1", True),
        ("lix_version: 2.93.4", "canidae-solutions/lix-quick-install-action@v1", False),
        ("lix_version: https://releases.lix.systems/lix/lix-2.93.1/lix.tar.xz", "samueldr/lix-gha-installer-action@v1", True),
        ("nix_version: 2.30.1", "nixbuild/nix-quick-install-action@v34", True),
        ("source-url: https://example.org/nix-installer", "DeterminateSystems/determinate-nix-action@v3", False),
    ],
)  # fmt: skip
def test_versions_of_both_tools(given: str, tool: str, reported: bool) -> None:
    text = f"{HEAD}    steps:\n      - uses: {tool}\n        with:\n          {given}\n"
    found = messages("vulnerable-nix-version", {".github/workflows/a.yml": text})
    assert bool(found) is reported
    assert all(("Lix" in message) is ("lix" in given) for message in found)


@pytest.mark.parametrize(
    ("id", "line"),
    [
        ("untrusted-substituter", "extra-substituters = https://a.cachix.org\nextra-trusted-public-keys = a.cachix.org-1:A="),
        ("untrusted-substituter", "extra-trusted-public-keys = a.example.org-1:A="),
        ("dangerous-nix-setting", "builders = ssh://builder.example.org"),
    ],
)  # fmt: skip
def test_an_option_is_named_with_its_rule_and_file(id: str, line: str) -> None:
    assert [
        f"to `trusted` of `{id}` in snowfence.yaml" in message for message in messages(id, {"nix.conf": line})
    ] == [True]


def test_a_shell_makes_settings_as_well() -> None:
    shell = "nix develop --option sandbox false -c bash -e {0}"
    text = f"{HEAD}    steps:\n      - run: make\n        shell: {shell}\n"
    assert len(messages("sandbox-disabled", {".github/workflows/a.yml": text})) == 1
