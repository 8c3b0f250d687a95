"""Where the pages of rules are: one place for every format, which is there in the release."""

import json
import re

import pytest

from scanner import HOME, __version__
from scanner.engine import Described, load, places
from scanner.report import csv, links, sarif
from scanner.results import RuleInUse
from scanner.rules.changes import KINDS
from scanner.views.html.appendix import guides, guides_of
from tests.report.reports import PINNED, RULE, report
from tests.support import ROOT


def test_every_rule_and_kind_of_change_has_a_page() -> None:
    used = [RuleInUse(load(place), place, None) for place in places().values()]
    used += [RuleInUse(kind.rule, kind.page, None) for kind in KINDS.values()]
    for one in used:
        page = links.page_of(one)
        assert page is not None
        start = f"{HOME}/blob/v{__version__}/"
        assert page.startswith(start)
        assert (ROOT / page.removeprefix(start)).is_file(), page


@pytest.mark.parametrize(
    ("version", "at"),
    [("1.2.3", "v1.2.3"), ("1.2.3rc1", "v1.2.3rc1"), ("1.2.3.dev4", "main"), ("1.2.3+local", "main")],
)
def test_a_version_in_development_has_no_tag(version: str, at: str) -> None:
    assert links.files_of(version) == f"{HOME}/blob/{at}"


def test_a_check_of_somebody_has_none() -> None:
    [used] = report().rules
    assert links.page_of(used._replace(place=Described("a", "b", "c", ""))) is None


def test_every_format_names_the_same_page() -> None:
    found = report(PINNED)
    page = links.of_rule(RULE)
    [rule] = json.loads(sarif.write(found))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == page
    assert page in csv.write(found)
    assert re.findall(r'href="(https:[^"]+)"', guides(guides_of(found))) == [page]


@pytest.mark.parametrize("variant", [None, "worse"])
def test_the_name_of_a_finding(variant: str | None) -> None:
    assert PINNED._replace(variant=variant).name == (RULE if variant is None else f"{RULE}/worse")
