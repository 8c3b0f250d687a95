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


# ---------------------------------------------------------------- what outsiders bring in


def variables(size: int) -> Files:
    """Each step keeps for the following ones what it has got from the one before."""
    first = "      - run: echo X0=$T >> $GITHUB_ENV\n        env: { T: '${{ github.event.issue.title }}' }\n"
    more = (
        f"      - run: echo X{at}=$X{at - 1} >> $GITHUB_ENV\n      - run: echo ${{{{ env.X{at} }}}}\n"
        for at in range(1, size)
    )
    return workflow(job([first, *more]), "issues")


def assignments(size: int) -> Files:
    lines = "".join(f"          A{at}=$A{at - 1}\n" for at in range(1, size))
    run = f"      - id: s\n        run: |\n          A0='${{{{ github.head_ref }}}}'\n{lines}"
    run += f"          echo x=$A{size - 1} >> $GITHUB_OUTPUT\n"
    return workflow(job([run, "      - run: echo ${{ steps.s.outputs.x }}\n"]))


def one_variable(size: int) -> Files:
    """One name that is given a value again and again, each time from itself."""
    lines = "".join(f"          A=$A$B{at}\n          B{at}=$A\n" for at in range(size))
    run = f"      - id: s\n        run: |\n          A='${{{{ github.head_ref }}}}'\n{lines}"
    return workflow(
        job([run + "          echo x=$A >> $GITHUB_OUTPUT\n", "      - run: echo ${{ steps.s.outputs.x }}\n"])
    )


def again_and_again(size: int) -> Files:
    """Steps that may set the same variable, and steps that read it."""
    text = (
        "      - if: github.actor == 'me'\n        run: echo X=${{ github.head_ref }} >> $GITHUB_ENV\n"
        "      - run: echo ${{ env.X }}\n"
    )
    return workflow(job([text] * size))


def kept_files(size: int) -> Files:
    """Each step reads the file that the one before has written."""
    text = (
        f"      - run: cat f{at - 1} > f{at}\n      - run: echo x=$(cat f{at}) >> $GITHUB_OUTPUT\n        id: s{at}\n"
        f"      - run: echo ${{{{ steps.s{at}.outputs.x }}}}\n"
        for at in range(1, size)
    )
    return workflow(job(["      - run: echo '${{ github.head_ref }}' > f0\n", *text]))


def functions(size: int) -> Files:
    lines = "".join(f'          f{at}() {{ f{at + 1} "$1"; }}\n          f{at} $T\n' for at in range(size))
    run = f"      - id: s\n        env: {{ T: '${{{{ github.head_ref }}}}' }}\n        run: |\n{lines}"
    return workflow(
        job(
            [
                run + "          echo x=$(f0 $T) >> $GITHUB_OUTPUT\n",
                "      - run: echo ${{ steps.s.outputs.x }}\n",
            ]
        )
    )


def pipes(size: int) -> Files:
    """One command behind the other, and commands in commands."""
    pipe = " | ".join(["cat"] * size)
    nested = "$(echo " * min(size, 50) + "$T" + ")" * min(size, 50)
    run = f"      - id: s\n        env: {{ T: '${{{{ github.head_ref }}}}' }}\n        run: |\n          A=$(echo $T | {pipe})\n"
    return workflow(
        job(
            [
                run + f"          echo x=$A{nested} >> $GITHUB_OUTPUT\n",
                "      - run: echo ${{ steps.s.outputs.x }}\n",
            ]
        )
    )


def redirected(size: int) -> Files:
    """A script that sends all that it prints from there on to a file, again and again."""
    lines = "".join(f"          exec >> $GITHUB_OUTPUT\n          echo x{at}=$T\n" for at in range(size))
    run = (
        f"      - id: s\n        env: {{ T: '${{{{ github.event.issue.body }}}}' }}\n        run: |\n{lines}"
    )
    return workflow(job([run, "      - run: echo ${{ steps.s.outputs.x0 }}\n"]), "issues")


def checked_text(size: int) -> Files:
    """Tests of a variable, each before a use of it."""
    lines = "".join(
        f"          if [[ $T =~ ^[a-z]+$ ]]; then echo x{at}=$T >> $GITHUB_OUTPUT; fi\n" for at in range(size)
    )
    run = f"      - id: s\n        env: {{ T: '${{{{ github.head_ref }}}}' }}\n        run: |\n{lines}"
    uses = "".join(f"      - run: echo ${{{{ steps.s.outputs.x{at} }}}}\n" for at in range(size))
    return workflow(job([run, uses]))


def needed(size: int) -> Files:
    """Each job gives out what the one before it has given out."""
    text = (
        job(
            [f"      - run: echo ${{{{ needs.j{at - 1}.outputs.x }}}}\n"],
            f"j{at}",
            f"    needs: [j{at - 1}]\n    outputs: {{ x: '${{{{ needs.j{at - 1}.outputs.x || github.head_ref }}}}' }}\n",
        )
        for at in range(1, size + 1)
    )
    first = job(
        ["      - run: make\n"], "j0", "    outputs: { x: '${{ github.event.pull_request.title }}' }\n"
    )
    return workflow(first + "".join(text))


def computed_matrix(size: int) -> Files:
    more = "    needs: j\n    strategy: { matrix: { x: '${{ fromJSON(needs.j.outputs.x) }}' } }\n"
    text = "".join(job(["      - run: echo ${{ matrix.x }}\n"], f"j{at}", more) for at in range(size))
    first = job(
        ["      - run: make\n"],
        "j",
        "    outputs: { x: '${{ toJSON(github.event.pull_request.labels.*.name) }}' }\n",
    )
    return workflow(first + text)


def inputs(size: int) -> Files:
    """Callers by the dozen, each of which hands over a text of its own."""
    with_ = "    with: {{ t: '${{{{ github.event.pull_request.title }}}} {}' }}\n"
    callers = "".join(
        f"  c{at}:\n    uses: ./.github/workflows/called.yml\n{with_.format(at)}" for at in range(size)
    )
    called = "".join(job(["      - run: echo ${{ inputs.t }}\n"], f"j{at}") for at in range(size))
    declared = "on: { workflow_call: { inputs: { t: { type: string } } } }\n"
    return workflow(callers) | {".github/workflows/called.yml": f"{declared}jobs:\n{called}"}


def reusable(size: int) -> Files:
    """A workflow calls the next one, and hands on what it has got."""
    declared = "on: { workflow_call: { inputs: { t: { type: string } } } }\n"
    files = workflow(
        "  c:\n    uses: ./.github/workflows/w0.yml\n    with: { t: '${{ github.head_ref }}' }\n"
    )
    for at in range(size):
        call = (
            f"  c:\n    uses: ./.github/workflows/w{at + 1}.yml\n    with: {{ t: '${{{{ inputs.t }}}}' }}\n"
        )
        files[f".github/workflows/w{at}.yml"] = (
            f"{declared}jobs:\n" + call + job(["      - run: echo ${{ inputs.t }}\n"])
        )
    return files


def composites(size: int) -> Files:
    """Actions that use one another in a circle."""
    given = "      with: { t: '${{ inputs.t }}' }\n"
    files = workflow(job(["      - uses: ./a0\n        with: { t: '${{ github.head_ref }}' }\n"]))
    for at in range(size):
        files[f"a{at}/action.yml"] = (
            "name: a\ninputs: { t: {} }\noutputs: { o: { value: '${{ steps.s.outputs.o }}' } }\nruns:\n  using: composite\n"
            f"  steps:\n    - uses: ./a{(at + 1) % size}\n{given}"
            "    - id: s\n      shell: bash\n      run: echo ${{ inputs.t }}\n"
        )
    return files


def fetches(size: int) -> Files:
    """Code of pull requests in many folders, in each of which something runs."""
    ref = "        with: {{ ref: '${{{{ github.event.pull_request.head.sha }}}}', path: p{0}, allow-unsafe-pr-checkout: true }}\n"
    text = "".join(
        f"      - uses: actions/checkout@v4\n{ref.format(at)}      - run: cd p{at} && make && ./build.sh\n"
        for at in range(size)
    )
    return workflow(job([text]))


def artifacts(size: int) -> Files:
    fetched = (
        "      - uses: actions/download-artifact@v4\n        with: {{ name: a{0}, path: p{0}, run-id: 1 }}\n"
    )
    text = "".join(
        f"{fetched.format(at)}      - run: echo X=$(cat p{at}/x) >> $GITHUB_ENV\n" for at in range(size)
    )
    return workflow(job([text]), "{ workflow_run: { workflows: [CI], types: [completed] } }")


SHAPES: tuple[Callable[[int], Files], ...] = (
    steps, checkouts, outputs, jobs, matrix, script, expressions, mistakes, comments, calls, lock, neighbours,
    variables, assignments, one_variable, again_and_again, kept_files, functions, pipes, redirected, checked_text, needed, computed_matrix, inputs, reusable, composites, fetches, artifacts,
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
