"""Cron expressions as GitHub reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.validity.cron import fault, interval


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "0 0 1 1 0",
        "*/15 */2 * * *",
        "5/15 0-23/6 1,15 JAN-mar Mon-FRI",
        "0  12   * * sun",
        "59 23 31 12 6",
        "00 05 * * 1-5",
    ],
)
def test_accepted(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 0 * *",
        "0 0 * * * *",
        "@daily",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 7",
        "* * * foo *",
        "mon * * * *",
        "*/0 * * * *",
        "*/60 * * * *",
        "5-1 * * * *",
        "1--3 * * * *",
        "1,,2 * * * *",
        "1, * * * *",
        "-5 * * * *",
        "? * * * *",
        "* * L * *",
        "1.5 * * * *",
        "*/-2 * * * *",
        "1/2/3 * * * *",
        "٣ * * * *",
    ],
)
def test_refused(text: str) -> None:
    assert fault(text) is not None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("* * * * *", 1),
        ("*/4 * * * *", 4),
        ("*/5 * * * *", 5),
        ("0-4 * * * *", 1),
        ("0,58 * * * *", 2),  # 58 and the next hour's 0
        ("0,58 3 * * *", 58),  # the next hour does not run
        ("0,58 3,4 * * *", 2),
        ("1,59 0,23 * * *", 2),  # midnight is the hour after 23
        ("7 * * * *", 60),
        ("7 3 * * *", 60),
    ],
)
def test_interval(text: str, minutes: int) -> None:
    assert fault(text) is None
    assert interval(text) == minutes


@given(st.text(alphabet="0123456789*/,- janmofri?LW@", max_size=30))
def test_every_text_has_an_answer(text: str) -> None:
    if fault(text) is None:
        assert 1 <= interval(text) <= 60
