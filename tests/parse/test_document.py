"""Which kinds of input a file is: a workflow is also one about Nix when its words say so."""

import pytest

from scanner.model.source import Source
from scanner.parse.document import NIX_IN_WORKFLOW, parse


def kinds(text: str, kind: str = "workflow") -> tuple[str, ...]:
    return parse(Source(".github/workflows/a.yml", kind, text)).kinds


@pytest.mark.parametrize(
    "text",
    [
        "- uses: cachix/install-nix-action@v31",
        "- uses: DeterminateSystems/update-flake-lock@v25",
        "- run: NIX_PATH= make unix",
        "- run: deploy .#host",
        "- run: attic push cache result",
        "- run: curl -sSf https://install.lix.systems/lix",
        "- run: home-manager switch",
        "- uses: ./.github/actions/setup-Nix",
    ],
)
def test_about_nix(text: str) -> None:
    workflow = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      {text}\n"
    assert kinds(workflow) == ("workflow", NIX_IN_WORKFLOW)


@pytest.mark.parametrize(
    "word", ["unix", "tests-unix", "/minix", "phoenix", "helix", "flake8", "deploy", "UNIX"]
)
def test_not_about_nix(word: str) -> None:
    assert kinds(f"on: push\nname: {word}\njobs: {{}}\n") == ("workflow",)


def test_other_kinds() -> None:
    assert kinds("a: nix\n", "dependabot") == ("dependabot",)
    assert kinds("- nix\n") == ()  # nothing could be read
