"""The rules that read scripts, on any script: they answer, each time with a place on one line of the file."""

import textwrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.engine import AnyRule, Context, load, places
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, NOW, repository

RULES = [
    load(places()[id])
    for id in (
        "adhoc-packages",
        "debug-logging",
        "deprecated-commands",
        "github-env",
        "misfeature",
        "unverified-download",
        "use-trusted-publishing",
    )
]
PIECES = (
    "npm install a;cargo publish;curl https://a;| sh;| iex;iwr https://a;>> $GITHUB_ENV;>> $env:GITHUB_ENV;%GITHUB_ENV%;tee $GITHUB_PATH;"
    "set -x;$X;${{ secrets.X }};echo;::set-output name=a::b;::add-path::x;cat <<E\n;E\n;{ ;};(;);$(;\";';`;\\\n;\n;<(;bash -c;sh;"
    'chmod +x f;./f;-o f;é🦀;if;then;fi;@";"@;#;<#;--%'
).split(";")


def hits(rule: AnyRule, text: str) -> list[Hit]:
    graph, _ = repository({".github/workflows/a.yml": text})
    context: Context[Any] = Context(graph, (), KNOWLEDGE, NOW, rule.options())
    return [answer for answer in rule.check(context) if isinstance(answer, Hit)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=40),
    shell=st.sampled_from(("bash", "pwsh", "cmd", "python", "nix develop -c bash {0}")),
    style=st.sampled_from(("|", ">", "|-")),
)
def test_every_script_is_read(rule: AnyRule, pieces: list[str], shell: str, style: str) -> None:
    body = textwrap.indent(" ".join(pieces) or "x", " " * 10)
    text = (
        "on: [pull_request_target]\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        f"      - shell: {shell}\n        env:\n          X: ${{{{ secrets.Y }}}}\n        run: {style}\n          x\n{body}\n"
    )
    for hit in hits(rule, text):
        assert 0 <= hit.at.start <= hit.at.end <= len(hit.at.source.text)
        assert "\n" not in hit.at.text
        assert hit.message
