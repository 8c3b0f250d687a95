"""Where a test in a script has shown that a variable is harmless, and what only looks like it."""

import pytest

from scanner.analysis.scripts.checked import checks
from scanner.parse.shell import commands


def known(script: str, name: str = "X", kind: str = "letters") -> list[int]:
    """The uses (`@`) of a script, by their number, in front of which a variable is known to be harmless."""
    found = [one for one in checks(script, list(commands(script))) if one.name == name and one.kind == kind]
    uses = [at for at, char in enumerate(script) if char == "@"]
    return [number for number, at in enumerate(uses) if any(one.start <= at < one.end for one in found)]


@pytest.mark.parametrize(
    ("script", "uses"),
    [
        ("a @\n[[ $X =~ ^[0-9]+$ ]] || exit 1\nb @", [1]),
        ("[[ $X =~ ^(a|b)$ ]] || { echo no; exit 1; }\nb @", [0]),
        ("[[ $X =~ ^[0-9]+$ ]] || {\n  echo no\n  exit 1\n}\nb @", [0]),
        ("[[ $X =~ ^[0-9]+$ ]] \\\n  || (echo no; exit 1)\nb @", [0]),
        ("[[ ! $X =~ ^[0-9]+$ ]] && exit 1\nb @", [0]),
        ("if [[ -n $X && $X =~ ^[0-9]+$ ]]; then\n a @\nfi\nb @", [0]),
        ("if ! [[ $X =~ ^[0-9]+$ ]]; then\n a @\n exit 1\nfi\nb @", [1]),
        ("if [[ $X =~ ^[0-9]+$ ]]; then\n a @\nelse\n b @\n exit 1\nfi\nc @", [0, 2]),
        ('if [ "$X" = main ]; then\n a @\nelif [ "$X" = b ]; then\n b @\nelse\n c @\nfi\nd @', [0, 1]),
        ("if ! echo \"$X\" | grep -Eq '^[0-9]+$'; then\n exit 1\nfi\nb @", [0]),
        ("grep -qE '^[a-z]+$' <<< \"$X\" || exit 1\nb @", [0]),
        ("for X in $L; do\n [[ $X =~ ^[0-9]+$ ]] || continue\n a @\ndone\nb @", [0]),
        ("while [ $X -gt 0 ]; do\n a @\ndone\nb @", [0]),
        ("R='^[0-9]+$'\n[[ $X =~ $R ]] || exit 1\nb @", [0]),
        ("case $X in\n a|b) c @ ;;\n *) exit 1 ;;\nesac\nd @", [0, 1]),
        ("[[ $X == a ]] && b \\\n  && c @\nd @", [0]),
    ],
)
def test_where_a_check_holds(script: str, uses: list[int]) -> None:
    assert known(script) == uses


@pytest.mark.parametrize(
    "script",
    [
        "# [[ $X =~ ^[0-9]+$ ]] || exit 1\nb @",
        "echo '[[ $X =~ ^[0-9]+$ ]] || exit 1'\nb @",
        "cat <<'END'\n[[ $X =~ ^[0-9]+$ ]] || exit 1\nEND\nb @",
        "# case $X in a) ;; *) exit 1 ;; esac\nb @",
        "[[ $X =~ ^[0-9]+$ ]] || echo no\nb @",
        "[[ $X =~ ^[0-9]+$ ]] || echo no # exit 1\nb @",
        "[[ $X =~ ^[0-9]+$ ]] || [ -n $Y ] || exit 1\nb @",
        "[[ $Y =~ ^[0-9]+$ ]] || exit 1\nb @",
        "[[ $X =~ ^[0-9]+ ]] || exit 1\nb @",
        "[[ $X =~ ^[0-9]+$ || -n $Y ]] || exit 1\nb @",
        "check() {\n [[ $X =~ ^[0-9]+$ ]] || exit 1\n}\nb @",
        "if [ $Y ]; then\n [[ $X =~ ^[0-9]+$ ]] || exit 1\nfi\nb @",
        "if ! [[ $X =~ ^[0-9]+$ ]]; then echo no; fi; command -v make || exit 1\nb @",
        "if ! [[ $X =~ ^[0-9]+$ ]]; then [ $Y ] && exit 1; fi\nb @",
        "if [[ $X =~ ^.+$ ]]; then a @; fi",
        "case $X in\n *) c @ ;;\nesac\nb @",
        "case $X in\n a) b ;;\n *) echo exit 1 ;;\nesac\nb @",
        "[[ $X =~",
        "case $X in",
        "echo $X | grep -q '^a' || exit 1\nb @",
    ],
)
def test_what_is_no_check(script: str) -> None:
    assert known(script) == []


@pytest.mark.parametrize(
    ("script", "uses"),
    [
        ('a @\ngit check-ref-format --branch "$X"\nb @', [1]),
        ('git check-ref-format "refs/heads/${X}" || exit 1\nb @', [0]),
        ('if ! git check-ref-format --branch "$X"; then exit 1; fi\nb @', [0]),
        ('a @\n# git check-ref-format "$X"', []),
        ('set +e\ngit check-ref-format --branch "$X"\nb @', []),
        ('git check-ref-format --branch "$X" || true\nb @', []),
        ('git check-ref-format --branch "$Y"\nb @', []),
    ],
)
def test_names_that_git_checks(script: str, uses: list[int]) -> None:
    assert known(script, kind="ref") == uses


def test_a_long_script_is_read_once() -> None:
    script = (
        "f() {\n"
        + "[[ $X =~ ^[0-9]+$ ]] || exit 1\n" * 5_000
        + "}\n"
        + "case $X in\n a) b ;;\nesac\n" * 2_000
    )
    assert len(list(checks(script, list(commands(script))))) >= 5_000
