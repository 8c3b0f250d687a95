import pytest

from scanner.knowledge.advisories import Advisory, Affected
from scanner.knowledge.tables import NixAdvisory
from scanner.model.finding import Severity
from scanner.sbom.ranges import nix_range, range_of
from tests.memory import KNOWLEDGE


def row(introduced: str | None = "0", **more: object) -> Affected:
    none = Affected("o/r", "", introduced, None, None, None, ())
    return none._replace(**more)  # type: ignore[arg-type]


def text(*rows: Affected, path: str = "") -> str | None:
    return range_of(Advisory("GHSA-x", (), Severity.HIGH, (), rows, None), path)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(fixed="2.2.0")], "vers:github/<2.2.0"),
        ([row("1.2", fixed="2.2.0")], "vers:github/>=1.2|<2.2.0"),
        ([row(last="3")], "vers:github/<=3"),
        ([row(before="3")], "vers:github/<3"),
        ([row()], "vers:github/*"),
        ([row("4", fixed="5"), row("1", fixed="2")], "vers:github/>=1|<2|>=4|<5"),
        ([row("2", fixed="3"), row(fixed="1.5")], "vers:github/<1.5|>=2|<3"),
        ([row("1", fixed="3"), row("2", fixed="4")], None),
        ([row(None, versions=("2", "1.1", "1"))], "vers:github/1|1.1|2"),
        ([row(fixed="a|b")], None),
        ([row(fixed="1"), row(path="sub", fixed="2")], "vers:github/<1"),
    ],
)
def test_range_of_an_advisory(rows: list[Affected], expected: str | None) -> None:
    assert text(*rows) == expected


def test_every_advisory_of_the_table_has_a_range_or_none() -> None:
    facts = KNOWLEDGE.advisories
    ranges = [range_of(one, "") for slug in facts.slugs for one in facts.of(slug)]
    assert sum(one is not None for one in ranges) > 30


def test_range_of_nix_has_a_hole_for_each_repaired_line() -> None:
    one = NixAdvisory("CVE-1", "nix", "what", (2, 24, 4), ((2, 28, 7), (2, 29, 4), (2, 31, 5)))
    assert nix_range(one) == "vers:github/>=2.24.4|<2.28.7|>=2.29.0|<2.29.4|>=2.30.0|<2.31.5"
    assert nix_range(one._replace(since=None, tool="lix", fixed=((2, 91, 2),))) == "vers:generic/<2.91.2"
