"""Which texts are one line for sure, whatever others write into them."""

import pytest

from scanner.analysis.taint.lines import joined


@pytest.mark.parametrize(
    "text",
    [
        "$(cat f | tr '\\n' ' ')",
        "$(cat f | tr -d '\\n')",
        "$(tr -d '\\r\\n' < f)",
        "$(cat f | tr -cd '[:alpha:]_')",
        "$(cat f | head -n 1)",
        "$(cat f | head -1)",
        "$(head -n 2 f | tail -n 1)",
        "$(sed -n 1p f)",
        "$(wc -l < f)",
        "$(jq .title f)",
        "$(jq -r '[.[].name] | join(\",\")' f)",
        "$(git branch --show-current)",
        "$(base64 -w0 f)",
        "$(cat f | head -n 1 || true)",
        "$(cat f | head -n 1 || echo none)",
        "$(cd d && head -n 1 f)",
        '$(echo "$(cat f)" | head -n 1)',
        "$(head -n 1 f)-$(date)",
        "${BODY//$'\\n'/ }",
        "${BODY%%$'\\n'*}",
    ],
)
def test_one_line_is_left(text: str) -> None:
    assert joined(text)


@pytest.mark.parametrize(
    "text",
    [
        "$(cat f)",
        "$(cat f | tr ',' '\\n')",
        "$(head -n 1 f | tr ',' '\\n')",
        "$(tr -d '\\r' < f)",
        "$(cat f | tr -cd '[:alnum:]\\n')",
        "$(head -n 10 f)",
        "$(jq -r .title f)",
        "$(gh pr view 1 --json body --jq .body)",
        "$(git log --format=%B)",
        "$(cut -c1-75 f)",
        '$(head -1 /etc/issue; echo "$B")',
        '$(echo "$B"; head -1 /etc/issue)',
        '$(head -n 1 f || echo "$B")',
        "$(date; head -n 1 f)",
        "$(head -n 1 f)$(cat f)",
        '$(echo "$(head -1 f)" "$B")',
        "${BODY}",
        "${BODY#x}",
    ],
)
def test_lines_get_through(text: str) -> None:
    assert not joined(text)
