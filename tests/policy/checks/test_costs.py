"""What only some policies need is loaded by those alone."""

from pathlib import Path

import pytest

from tests.test_imports import HEAVY, imported

CHECK = "  my-check: {{title: T, severity: info, select: action, require: {{{}}}}}\n"


def loaded(folder: Path, *requires: str) -> set[str]:
    """The modules that a scan of the demo with a policy loads."""
    policy = folder / "snowfence.yaml"
    checks = "".join(CHECK.format(require) for require in requires)
    policy.write_text(
        f"snowfence: 1\nextends: [minimal]\nrules: {{'*': off}}\n{checks and 'checks:'}\n{checks}", "utf-8"
    )
    return imported(
        "scan", "fixtures/demo", "--policy", str(policy), "--now", "2026-11-22", "--fail-on", "critical"
    )


def test_a_policy_without_checks_loads_nothing_of_them(tmp_path: Path) -> None:
    names = loaded(tmp_path)
    assert not names & {
        "scanner.policy.checks.check",
        "scanner.analysis.attributes.attribute",
        "re2",
        "packaging",
    }


@pytest.mark.parametrize(
    ("require", "needed"),
    [("owner: actions", set()), ("name: {matches: ^a}", {"re2"}), ("version: {ge: '4'}", {"packaging"})],
)
def test_a_check_loads_what_it_asks_with(tmp_path: Path, require: str, needed: set[str]) -> None:
    names = loaded(tmp_path, require)
    assert "scanner.policy.checks.check" in names
    assert names & {"re2", "packaging"} == needed
    assert not {name for name in names if name in HEAVY or name.split(".")[0] in HEAVY} - {
        name for name in names if name.startswith("packaging")
    }
