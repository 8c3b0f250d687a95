"""`snowfence graph --format svg`: a picture that stands alone."""

from pathlib import Path
from xml.etree import ElementTree

from tests.support import NOW, ROOT, snowfence

DEMO = ROOT / "fixtures" / "demo"
OUTSIDERS = ROOT / "fixtures" / "outsiders"


def _svg(*arguments: str | Path) -> ElementTree.Element:
    return ElementTree.fromstring(snowfence("graph", *arguments, "--format", "svg", "--now", NOW).stdout)


def test_the_workflows_are_drawn_when_none_is_asked_for() -> None:
    assert _svg(DEMO).get("aria-label") == "Workflows"
    assert _svg(DEMO, "--picture", "inputs").get("aria-label") == "Inputs"


def test_what_is_not_there_cannot_be_drawn() -> None:
    said = snowfence("graph", OUTSIDERS, "--format", "svg", "--picture", "inputs", expect=(2,)).stderr
    assert "there is nothing to draw: the repository has no lock with inputs" in said


def test_options_that_do_not_go_together() -> None:
    assert "`--picture` goes with `--format svg` alone" in _refused("--format", "dot", "--picture", "inputs")
    assert "`--taint` does not go with `--format svg`" in _refused("--format", "svg", "--taint")


def _refused(*arguments: str) -> str:
    return snowfence("graph", OUTSIDERS, *arguments, expect=(2,)).stderr
