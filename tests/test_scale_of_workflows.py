"""Workflows of hostile size and what stands beside them, with every rule on: the work grows with the files, and no faster."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.work import scan, work_of

CI = ".github/workflows/ci.yml"
SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"
Files = dict[str, str]


def workflow(jobs: str, on: str = "pull_request_target") -> Files:
    return {CI: f"on: {on}\njobs:\n{jobs}"}


def job(steps: Iterable[str], id: str = "a", more: str = "") -> str:
    return f"  {id}:\n    runs-on: ubuntu-latest\n{more}    steps:\n{''.join(steps)}"


def steps(size: int) -> Files:
    """An unpinned action and an injection in every second one."""
    title = "${{ github.event.pull_request.title }}"
    pairs = (
        f"      - uses: some/action{at}@v1\n      - id: s{at}\n        run: echo {title} && npm i x{at}\n"
        for at in range(size)
    )
    return workflow(job(pairs))


def checkouts(size: int) -> Files:
    return workflow(job("      - uses: actions/checkout@v4\n      - run: make\n" for _ in range(size)))


def outputs(size: int) -> Files:
    """Each step prints what the one before has set."""
    text = (
        f'      - id: s{at}\n        run: echo "x=${{{{ steps.s{at - 1}.outputs.x }}}}" >> $GITHUB_OUTPUT\n'
        for at in range(size)
    )
    return workflow(job(text))


def jobs(size: int) -> Files:
    text = (
        job(["      - run: make\n"], f"j{at}", f"    needs: [j{at - 1}]\n" if at else "")
        for at in range(size)
    )
    return workflow("".join(text))


def matrix(size: int) -> Files:
    values = ", ".join(f"v{at}" for at in range(size))
    more = f"    strategy: {{ matrix: {{ os: [{values}] }} }}\n    container: x:${{{{ matrix.os }}}}\n"
    return workflow(job(["      - run: echo ${{ matrix.os }}\n"], more=more))


def script(size: int) -> Files:
    lines = "".join(
        f"          curl https://x.org/{at} | sh\n          echo A$X{at} >> $GITHUB_ENV\n"
        for at in range(size)
    )
    return workflow(job([f"      - run: |\n{lines}"]))


def expressions(size: int) -> Files:
    line = " ".join(f"${{{{ github.event.issue.title || inputs.x{at} }}}}" for at in range(size))
    return workflow(job([f"      - run: echo {line}\n"]))


def mistakes(size: int) -> Files:
    return workflow(job(f"      - runs: x{at}\n        usess: y\n" for at in range(size)))


def comments(size: int) -> Files:
    one = "      - uses: some/action@v1 # snowfence: ignore[unpinned-uses, no-such-rule]\n"
    return workflow(job([one] * size))


def calls(size: int) -> Files:
    callers = "".join(f"  c{at}:\n    uses: ./.github/workflows/called.yml\n" for at in range(size))
    called = "".join(job(["      - run: gh pr merge\n"], f"j{at}") for at in range(size))
    return workflow(callers) | {".github/workflows/called.yml": f"on: workflow_call\njobs:\n{called}"}


def lock(size: int) -> Files:
    keys = [f"o/a{at}@v1" for at in range(size)]
    entry = "    ref: v1\n    commit: sha1-{}\n    owner_id: 1\n    repo_id: {}\n    uses: [o/a{}@v1]\n"
    text = "version: v0.0.2\nworkflows:\n  " + CI + ":\n" + "".join(f"    - {key}\n" for key in keys)
    text += "dependencies:\n"
    text += "".join(f"  {key}:\n" + entry.format(SHA, at + 1, at + 1) for at, key in enumerate(keys))
    used = (f"      - uses: {key}\n" for key in keys)
    return workflow(job(used)) | {".github/workflows/actions.lock": text}


def neighbours(size: int) -> Files:
    update = "  - package-ecosystem: npm\n    directory: /d{}\n    schedule: {{ interval: weekly }}\n"
    hook = "  - repo: http://github.com/o/r{}\n    rev: main\n    hooks: [{{ id: x }}]\n"
    return {
        ".github/dependabot.yml": "version: 2\nupdates:\n" + "".join(update.format(at) for at in range(size)),
        ".pre-commit-config.yaml": "repos:\n" + "".join(hook.format(at) for at in range(size)),
        "CODEOWNERS": "".join(f"/.github/**/x{at}* @me\n" for at in range(size)),
        "flake.lock": '{"nodes": {"root": {}}, "root": "root", "version": 7}',
    }


SHAPES: tuple[Callable[[int], Files], ...] = (
    steps, checkouts, outputs, jobs, matrix, script, expressions, mistakes, comments, calls, lock, neighbours,
)  # fmt: skip


def write(folder: Path, files: Files) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_twice_the_files_are_at_most_twice_the_work(shape: Callable[[int], Files], tmp_path: Path) -> None:
    scan(write(tmp_path / "warm", shape(2)))  # tables and patterns are read once
    one = work_of(write(tmp_path / "one", shape(40)))
    two = work_of(write(tmp_path / "two", shape(80)))
    assert two <= 2.1 * one


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_large_files_are_read_to_their_end(shape: Callable[[int], Files], tmp_path: Path) -> None:
    found = scan(write(tmp_path / "large", shape(1_000)))
    assert found["problems"] == []
    assert len(found["findings"]) >= (1 if shape is lock else 3)
