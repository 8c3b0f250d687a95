import pytest

from scanner.engine import Rule, load, places, tagged
from scanner.model.errors import PolicyError
from scanner.model.vex import Vex
from scanner.policy.load import FILE_NAMES
from scanner.policy.policy import Policy
from scanner.policy.vulnerabilities import vulnerability_rules
from scanner.sbom import vulnerabilities
from tests.memory import policy_of


def read(vex: str, rule: str = "known-vulnerable-actions") -> Policy:
    text = f"snowfence: 1\nexceptions:\n  - rule: {rule}\n    reason: seen\n    vex: {vex}\n"
    found = policy_of({FILE_NAMES[0]: text})
    assert found is not None
    return found


def test_what_an_exception_says_of_a_vulnerability() -> None:
    found = read(
        "{state: not_affected, justification: code_not_reachable, response: update, advisory: [A, B]}"
    )
    assert [one.vex for one in found.exceptions] == [
        Vex("not_affected", "code_not_reachable", ("update",), ("A", "B"))
    ]
    assert [one.vex for one in read("{state: resolved}").exceptions] == [Vex("resolved")]


@pytest.mark.parametrize(
    ("vex", "rule", "message"),
    [
        ("{}", "known-vulnerable-actions", "5:10: `vex` needs `state`"),
        ("{state: fine}", "known-vulnerable-actions", "5:18: `state` must be one of exploitable"),
        ("{state: not_affected}", "vulnerable-nix-version", "5:11: `not_affected` needs a `justification`"),
        (
            "{state: resolved, justification: code_not_present}",
            "vulnerable-nix-version",
            "5:28: `justification` says why something is `not_affected`",
        ),
        (
            "{state: resolved}",
            "unpinned-uses",
            "5:5: `vex` is about known vulnerabilities, and `unpinned-uses`",
        ),
        ("{state: resolved}", "'*'", "5:5: `vex` is about known vulnerabilities"),
        (
            "{state: resolved}",
            "[known-vulnerable-actions, unpinned-uses]",
            "5:5: `vex` is about known vulnerabilities, and `unpinned-uses`",
        ),
        ("{state: resolved, advisories: x}", "known-vulnerable-actions", "did you mean `advisory`"),
    ],
)
def test_what_cannot_be_meant_is_refused(vex: str, rule: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(vex, rule)
    assert message in str(caught.value)


@pytest.mark.parametrize("tag", sorted({tag for place in places().values() for tag in load(place).tags}))
def test_the_rules_with_a_tag_are_found_by_what_is_written_in_their_files(tag: str) -> None:
    assert tagged(tag) == tuple(id for id, place in places().items() if tag in load(place).tags)


def test_a_bill_says_what_is_decided_of_every_rule_about_vulnerabilities() -> None:
    """Another rule with the tag may have `vex` in an exception, and the bill of materials must know where to write it."""
    written = {one.id for one in vars(vulnerabilities).values() if isinstance(one, Rule)}
    assert set(vulnerability_rules()) == written == {"known-vulnerable-actions", "vulnerable-nix-version"}
