import pytest

from scanner.sbom.bill import Component
from tests.sbom.bills import bill

CI = ".github/workflows/ci.yml"


def installers(*steps: str) -> list[Component]:
    text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n" + "".join(
        f"    - {step}\n" for step in steps
    )
    return [one for one in bill({CI: text}).components if one.kind == "nix-installer"]


@pytest.mark.parametrize(
    ("step", "id", "purl"),
    [
        (
            "{uses: nixbuild/nix-quick-install-action@v30, with: {nix_version: 2.24.1}}",
            "nix-installer:nix@2.24.1",
            "pkg:github/nixos/nix@2.24.1",
        ),
        (
            "{uses: cachix/install-nix-action@v31, with: {install_url: 'https://releases.nixos.org/nix/nix-2.30.1/install'}}",
            "nix-installer:nix@2.30.1",
            "pkg:github/nixos/nix@2.30.1",
        ),
        (
            "run: sh <(curl -L https://releases.nixos.org/nix/nix-2.30.1/install) --daemon",
            "nix-installer:nix@2.30.1",
            "pkg:github/nixos/nix@2.30.1",
        ),
        (
            "run: curl -sSf https://install.lix.systems/lix/lix-2.93.0/install.sh | sh",
            "nix-installer:lix@2.93.0",
            "pkg:git/git.lix.systems/lix-project/lix@2.93.0",
        ),
        (
            "run: curl -L https://nixos.org/nix/install | sh",
            "nix-installer:nix#https://nixos.org/nix/install",
            "pkg:generic/nix?download_url=https://nixos.org/nix/install",
        ),
        (
            "run: curl -sSfL https://install.determinate.systems/nix | sh -s -- install",
            "nix-installer:nix#https://install.determinate.systems/nix",
            "pkg:generic/nix?download_url=https://install.determinate.systems/nix",
        ),
        ("{uses: cachix/install-nix-action@v31}", "nix-installer:nix", "None"),
        (
            "{uses: nixbuild/nix-quick-install-action@v30, with: {nix_version: '${{ inputs.nix }}'}}",
            "nix-installer:nix",
            "None",
        ),
    ],
)
def test_what_a_step_installs(step: str, id: str, purl: str) -> None:
    (one,) = installers(step)
    assert one.id == id
    assert str(one.purl) == purl
    assert [place.line for place in one.occurrences] == [6]


@pytest.mark.parametrize(
    "step",
    [
        "run: curl https://nixos.org/favicon.ico -o icon",
        "run: echo https://nixos.org/nix/install",
        "{uses: actions/checkout@v4}",
        "{if: false, run: 'curl -L https://nixos.org/nix/install | sh'}",
    ],
)
def test_what_installs_nothing(step: str) -> None:
    assert installers(step) == []


def test_one_version_in_two_places_is_one_component() -> None:
    step = "{uses: nixbuild/nix-quick-install-action@v30, with: {nix_version: 2.24.1}}"
    (one,) = installers(step, step)
    assert [place.line for place in one.occurrences] == [6, 7]
    assert one.version == "2.24.1"
