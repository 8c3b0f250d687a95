"""Versions of Nix in texts, and the defects that are known of them."""

import pytest

from scanner.analysis.evaluation.versions import Version, defects, in_url, repaired_in, written
from tests.memory import KNOWLEDGE


@pytest.mark.parametrize(
    ("text", "tool", "version"),
    [
        ("https://releases.nixos.org/nix/nix-2.13.3/install", "nix", "2.13.3"),
        ("https://releases.nixos.org/nix/nix-2.4/install", "nix", "2.4.0"),
        ("https://releases.nixos.org/nix/nix-2.18.1/nix-2.18.1-x86_64-linux.tar.xz", "nix", "2.18.1"),
        ("https://releases.lix.systems/lix/lix-2.91.0/x", "lix", "2.91.0"),
    ],
)
def test_urls(text: str, tool: str, version: str) -> None:
    found = in_url(text)
    assert found is not None
    assert (found.tool, str(found)) == (tool, version)
    assert str(found).startswith(text[found.start : found.end])


@pytest.mark.parametrize(
    "text",
    [
        "https://nixos.org/nix/install",
        "https://releases.nixos.org/nix/nix-2.35.0pre20260101_abc/install",
        "https://releases.nixos.org/nix/nix-${{ inputs.version }}/install",
        "https://releases.nixos.org/nix/nix-2.99999999.1/install",
    ],
)
def test_no_release(text: str) -> None:
    assert in_url(text) is None


@pytest.mark.parametrize(("text", "version"), [("2.24.9", "2.24.9"), (" nix-2.24 ", "2.24.0"), ("latest", None), ("2", None), ("2.24.9-x", None)])  # fmt: skip
def test_written(text: str, version: str | None) -> None:
    found = written(text)
    assert (str(found) if found is not None else None) == version


@pytest.mark.parametrize(
    ("tool", "version", "known"),
    [
        ("nix", (2, 3, 7), {"CVE-2025-46415"}),
        ("nix", (2, 24, 3), {"CVE-2025-46415", "CVE-2026-39860"}),
        ("nix", (2, 24, 15), {"CVE-2026-39860", "CVE-2026-44028"}),
        ("nix", (2, 25, 9), {"CVE-2025-46415", "CVE-2026-39860", "CVE-2026-44028"}),
        ("nix", (2, 30, 3), {"CVE-2026-39860", "CVE-2026-44028"}),
        ("nix", (2, 34, 5), {"CVE-2026-44028"}),
        ("nix", (2, 34, 7), set()),
        ("nix", (2, 35, 0), set()),
        ("lix", (2, 90, 0), {"CVE-2025-46415"}),
        ("lix", (2, 93, 1), {"CVE-2026-44028"}),
        ("lix", (2, 95, 2), set()),
        ("lix", (2, 96, 0), set()),
    ],
)
def test_defects(tool: str, version: tuple[int, ...], known: set[str]) -> None:
    found = defects(Version(tool, version, 0, 0), KNOWLEDGE.nix_advisories)
    assert {one.id for one in found} == known


@pytest.mark.parametrize(
    ("version", "repaired"),
    [((2, 32, 5), "2.32.8"), ((2, 28, 4), "2.28.7"), ((2, 24, 9), "2.34.7 or newer"), ((2, 3, 7), "2.34.7 or newer")],
)  # fmt: skip
def test_repaired_in(version: tuple[int, ...], repaired: str) -> None:
    assert repaired_in(Version("nix", version, 0, 0), KNOWLEDGE.nix_advisories) == repaired
