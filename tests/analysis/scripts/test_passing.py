"""What is advised in the place of an expression: a name that nothing else uses, and quotes that fit the place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.scripts.passing import Passing
from scanner.analysis.scripts.standing import in_bash, in_powershell
from scanner.analysis.workflows.names import Names
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from tests.memory import repository


def advices(script: str, shell: str = "bash", env: str = "{}") -> list[str]:
    body = "".join(f"          {line}\n" for line in script.splitlines())
    text = f"on: push\nenv: {env}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - shell: {shell}\n        run: |\n{body}"
    graph, _ = repository({".github/workflows/a.yml": text})
    node = next(iter(graph.of(StepNode)))
    assert node.step.run is not None
    passing, found = Passing(node, node.step.run.script, Names()), []
    for fence in fences(node.step.run.script):
        tree = parse(fence.text)
        assert not isinstance(tree, Malformed)
        found.append(passing.advice(fence, tree, next(iter(flowing(tree)))))
    return found


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("inputs.path", "INPUT_PATH"),
        ("inputs.home", "INPUT_HOME"),
        ("inputs.github_token", "INPUT_GITHUB_TOKEN"),
        ("inputs['runner-os']", "INPUT_RUNNER_OS"),
        ("inputs.node-options", "INPUT_NODE_OPTIONS"),
        ("inputs.ld_preload", "INPUT_LD_PRELOAD"),
        ("matrix.os", "MATRIX_OS"),
        ("steps.where.outputs.path", "OUTPUT_PATH"),
        ("github.event.client_payload.shell", "EVENT_SHELL"),
        ("github.event.issue.title", "TITLE"),
        ("github.event.pull_request.head.ref", "HEAD_REF"),
        ("inputs.name", "INPUT_NAME"),
        ("inputs.title || github.event.issue.body", "TITLE"),
        ("format('v{0}', inputs.version)", "VERSION"),
        ("inputs['2nd']", "_2ND"),
    ],
)
def test_name(expression: str, name: str) -> None:
    (advice,) = advices(f"echo x-${{{{ {expression} }}}}")
    assert f'"${name}"' in advice


def test_name_is_free() -> None:
    script = "x-${{ inputs.title }} y-${{ inputs.body }} z-${{ github.event.issue.body }}"
    title, body, other = advices(script, env="{TITLE: a, INPUT_TITLE: b, body: '${{inputs.body}}'}")
    assert '"$INPUT_TITLE_2"' in title
    assert body == 'it is in the environment already: use `"$BODY"`'
    assert '"$EVENT_BODY"' in other


def test_one_name_for_one_value() -> None:
    first, second, third = advices("a-${{ inputs.tag }} b-${{ needs.x.outputs.tag }} c-${{ inputs.tag }}")
    assert '"$TAG"' in first
    assert '"$OUTPUT_TAG"' in second
    assert third == first


@pytest.mark.parametrize(
    ("script", "advice"),
    [
        ("x ${{ inputs.tag }}", 'use `"$TAG"`'),
        ('x "a ${{ inputs.tag }}"', "use `${TAG}` between the double quotes"),
        ('x "$(y \'a\' "${{ inputs.tag }}")"', "use `${TAG}` between the double quotes"),
        ('x "it\'s" ${{ inputs.tag }}', 'use `"$TAG"`'),
        ("# it's\nx ${{ inputs.tag }}", 'use `"$TAG"`'),
        ("x 'a ${{ inputs.tag }}'", "use `${TAG}` there, with double quotes in place of the single ones"),
        ("cat << 'E'\n${{ inputs.tag }}\nE", "use `${TAG}` there, with no quotes around"),
        ("cat <<-E | y\n  it's ${{ inputs.tag }}\nE\nz '", "use `${TAG}` in the here-document"),
        ("cat <<E\nit's\nE\nx ${{ inputs.tag }}", 'use `"$TAG"`'),
        ("# ${{ inputs.tag }}", "a line break in the text ends the comment"),
        ("make ${{ inputs.args }}", 'split it on purpose: `read -ra words <<< "$ARGS"`'),
        ('make "${{ inputs.args }}"', "use `${ARGS}` between the double quotes"),
        ("for one in ${{ inputs.tag }}; do", "split it on purpose"),
        ("x=(${{ inputs.tag }})", "split it on purpose"),
        ("${{ inputs.tag }}", 'choose among commands that you know by `case "$TAG" in`'),
        ("if a; then sudo ${{ inputs.tag }} b; fi", "choose among commands"),
        ("case ${{ inputs.tag }} in", 'use `"$TAG"`'),
        ('eval "x ${{ inputs.tag }}"', "without `eval`"),
        ('bash -ec "x ${{ inputs.tag }}"', 'let the code of `bash` read `"$TAG"` inside single quotes'),
        ("python3 -c 'print(\"${{ inputs.tag }}\")'", "`os.environ['TAG']`"),
        ("python3 x.py '${{ inputs.tag }}'", "with double quotes in place"),
        ('node <<E\nx("${{ inputs.tag }}")\nE', "`process.env.TAG`"),
        ("jq '.x = \"${{ inputs.tag }}\"' a", "`$ENV.TAG`"),
        ("x ${{ env.tag }}", 'it is in the environment already: use `"$tag"`'),
        ("x ${{ github.ref_name }}", 'it is in the environment already: use `"$GITHUB_REF_NAME"`'),
        ("x ${{ inputs.tag || 'a' }}", "pass the whole expression through `env:`"),
    ],
)
def test_bash(script: str, advice: str) -> None:
    assert advice in advices(script)[0]


@pytest.mark.parametrize(
    ("shell", "script", "advice"),
    [
        ("pwsh", "x ${{ inputs.tag }}", "use `$env:TAG`"),
        ("pwsh", 'x "a ${{ inputs.tag }}"', "use `${env:TAG}` between the double quotes"),
        ("pwsh", "x 'a ${{ inputs.tag }}'", "use `${env:TAG}` there, with double quotes"),
        ("powershell", "$x = @'\nit's ${{ inputs.tag }}\n'@", "use `${env:TAG}` there, with double quotes"),
        ("pwsh", 'iex "x ${{ inputs.tag }}"', "without `iex`"),
        ("pwsh", "& ${{ inputs.tag }}", "by `switch ($env:TAG)`"),
        ("pwsh", "& x ${{ inputs.args }}", "split it on purpose: `@($env:ARGS -split ' ')`"),
        ("cmd", "echo ${{ inputs.tag }}", "`%TAG%`"),
        ("python", "x = '${{ inputs.tag }}'", "`os.environ['TAG']`"),
        ("node {0}", "x('${{ inputs.tag }}')", "`process.env.TAG`"),
        ("sh", "x ${{ inputs.args }}", "`set -f; set -- $ARGS`"),
    ],
)
def test_other_shells(shell: str, script: str, advice: str) -> None:
    assert advice in advices(script, shell)[0]


@given(
    st.lists(
        st.sampled_from(
            (
                "${{ a }}",
                "'",
                '"',
                "`",
                "$(",
                ")",
                "(",
                "x=(",
                "<<E\n",
                "<<'E'\n",
                "E\n",
                "\n",
                "#",
                "\\",
                " ",
                "@'\n",
                "'@",
                "}}",
                "x",
            )
        ),
        max_size=60,
    )
)
def test_every_script_has_an_answer(pieces: list[str]) -> None:
    script = "".join(pieces)
    for found in (in_bash(script), in_powershell(script)):
        assert all(script.startswith("${{", at) for at in found)


def test_long_scripts_take_linear_time() -> None:
    for piece in ("'${{ a }}", '"$(${{ a }}', "<<E ${{ a }}\n", "( `${{ a }}", "@'\n${{ a }}", "${{ "):
        in_bash(piece * 20_000)
        in_powershell(piece * 20_000)
