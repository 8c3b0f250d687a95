"""Which lock a step evaluates: through folders, subshells and commands in commands."""

import pytest

from tests.memory import repository

LOCK = '{"nodes": {"root": {}}, "root": "root", "version": 7}'


def locks(step: str, *, defaults: str = "") -> list[str]:
    """The folders of the locks that a step evaluates; there is one lock in the root, in `sub` and in `sub/deep`."""
    lines = "\n".join(f"        {line}" for line in step.splitlines())
    workflow = f"on: push\n{defaults}jobs:\n  a:\n    runs-on: x\n    steps:\n      -\n{lines}\n"
    graph, problems = repository(
        {
            ".github/workflows/a.yml": workflow,
            "flake.lock": LOCK,
            "sub/flake.lock": LOCK,
            "sub/deep/flake.lock": LOCK,
        }
    )
    assert not problems
    found = (edge.target for edge in graph.edges if edge.kind == "evaluates")
    return [one.removeprefix("lock:").removesuffix("flake.lock").rstrip("/") or "." for one in found]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("nix build", ["."]),
        ("cd sub\nnix build", ["sub"]),
        ("(cd sub; nix build)\nnix build", ["sub", "."]),
        ("(cd sub); (nix build)", ["."]),
        ("x=$(cd sub && nix build)\nnix build ./sub/deep", ["sub", "sub/deep"]),
        ("cd sub\nx=$(nix eval .#y)\n(cd deep; nix build)", ["sub", "sub/deep"]),
        ("bash <<EOF\ncd sub\nnix build\nEOF\nnix build", ["sub", "."]),
        ("case $x in a) cd sub; nix build;; esac", ["sub"]),
        ("if [[ a && b ]]; then nix fmt file.nix; fi", ["."]),
        ("nix develop ./sub -c bash -c 'cd sub/deep; nix build'", ["sub", "sub/deep"]),
        ('cd "$DIR"; nix build', []),
        ("echo nix build; # nix build", []),
        ("cat <<EOF\nnix build\nEOF", []),
        ('echo "$(nix eval .#x)"', ["."]),
        ("xargs -n1 nix build ./sub < list", ["sub"]),
    ],
)
def test_scripts(script: str, found: list[str]) -> None:
    block = "\n".join(f"  {line}" for line in script.splitlines())
    assert locks(f"run: |\n{block}") == found


def test_shell_and_working_directory() -> None:
    assert locks("run: make\nshell: nix develop ./deep -c bash {0}\nworking-directory: sub") == ["sub/deep"]
    defaults = "defaults:\n  run:\n    shell: nix develop -c bash -e {0}\n"
    assert locks("run: make", defaults=defaults) == ["."]
