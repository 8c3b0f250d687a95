"""The file of accepted findings: what it takes out, how it is read, and that nothing wrong in it passes."""

import json
import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.errors import PolicyError
from scanner.model.finding import Confidence, Finding, Severity
from scanner.model.source import Source, Span
from scanner.policy.accepted import (
    FILE_NAME,
    MAX_BYTES,
    MAX_ENTRIES,
    Accepted,
    Entry,
    identity_of,
    load_accepted,
    read_accepted,
    written,
)

HERE = Span(Source(FILE_NAME, "accepted"), 0, 0)


def entry(fingerprint: str, **more: Any) -> Entry:
    return Entry(
        fingerprint, "a-rule", "a.yml", "a message", date(2026, 11, 22), HERE, Severity.LOW
    )._replace(**more)


def of(accepted: list[str], found: list[str]) -> list[str]:
    return list(Accepted(map(entry, accepted)).of(found))


def test_the_numbers_of_equal_findings_are_those_of_the_file() -> None:
    assert of(["aa:1", "aa:2"], ["aa:1", "aa:2", "aa:3", "bb:1"]) == ["aa:1", "aa:2"]


def test_another_number_stands_for_a_finding_whose_own_is_not_there() -> None:
    """A comment takes out the first of two equal findings, the second is accepted; a further comment above moves the numbers."""
    assert of(["aa:2"], ["aa:3"]) == ["aa:3"]
    assert of(["aa:2"], ["aa:1", "aa:2"]) == ["aa:2"]
    assert of(["aa:5", "aa:6"], ["aa:1", "aa:2", "aa:3"]) == ["aa:1", "aa:2"]


prints = st.builds(lambda letter, number: f"{letter}:{number}", st.sampled_from("ab"), st.integers(1, 6))


@given(st.sets(prints), st.sets(prints))
def test_each_entry_stands_for_one_finding(accepted: set[str], found: set[str]) -> None:
    def counts(fingerprints: list[str]) -> Counter[str]:
        return Counter(map(identity_of, fingerprints))

    taken = of(sorted(accepted), sorted(found))
    assert counts(taken) == counts(list(accepted)) & counts(list(found))
    assert accepted & found <= set(taken)


def test_what_stood_for_a_finding_is_remembered() -> None:
    accepted = Accepted([entry("aa:1"), entry("bb:1")])
    accepted.of(["aa:1"])
    assert accepted.used == {"aa:1"}


A, B = "a" * 32, "b" * 32


def test_the_file_is_sorted_and_reads_as_it_was_written() -> None:
    entries = [entry(f"{B}:1", path="b.yml"), entry(f"{A}:2"), entry(f"{A}:1", message='"quotes" and \u202e')]
    text = written(entries)
    assert text == written(reversed(entries))
    assert text.isascii()
    source = Source(FILE_NAME, "accepted", text)
    found = read_accepted(source)
    assert [one._replace(at=HERE) for one in found] == [entries[2], entries[1], entries[0]]
    assert [one.at.text for one in found] == [f"{A}:1", f"{A}:2", f"{B}:1"]
    assert written(found) == text
    assert written([]) == '{\n  "schema": 1,\n  "accepted": []\n}\n'


GOOD = json.loads(written([entry("0123456789abcdef:1"), entry("0123456789abcdef:2")]))


def changed(**more: Any) -> str:
    return json.dumps({**GOOD, "accepted": [GOOD["accepted"][0], {**GOOD["accepted"][1], **more}]})


def without(name: str) -> str:
    last = {key: value for key, value in GOOD["accepted"][1].items() if key != name}
    return json.dumps({**GOOD, "accepted": [GOOD["accepted"][0], last]})


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", "", "the file is empty; remove it"),
        (" \n", "", "the file is empty; remove it"),
        ('{"schema": "\n"}', "", "not JSON: invalid control character. snowfence"),
        ("{", "", "not JSON"),
        ('{"schema": 1,\n <<<<<<< ours', "<<<", "not JSON"),
        ("[]", "[]", "must be an object with `schema`, `accepted`"),
        ("null", "null", "must be an object"),
        ("5", "5", "must be an object"),
        ("[" * 100_000, "[", "nested too deeply"),
        ("[" * 900 + "]" * 900, "[", "must be an object"),
        ('{"schema": 1, "accepted": NaN}', "{", "`NaN` is not JSON"),
        ('{"schema": 1e999, "accepted": []}', "{", "a number that is too large"),
        ('{"schema": 1, "accepted": [], "accepted": []}', '"accepted": []}', "given twice"),
        ('{"schema": 2, "accepted": []}', "2", "`schema` must be 1"),
        ('{"schema": true, "accepted": []}', "true", "`schema` must be 1"),
        ('{"schema": "1", "accepted": []}', '1"', "`schema` must be 1"),
        ('{"schema": 1}', "{", "needs `accepted`"),
        ('{"schema": 1, "accepted": {}}', "{}", "must be a list"),
        ('{"schema": 1, "accepted": [], "more": 1}', '"more"', "has no key `more`"),
        ('{"schema": 1, "accepted": [[]]}', "[]", "an accepted finding must be an object"),
        (without("since"), None, "needs `since`"),
        (changed(more=1), '"more"', "has no key `more`"),
        (changed(rule=1), "1, ", "`rule` must be a text"),
        (changed(message=None), "null", "`message` must be a text"),
        (changed(fingerprint="me"), "me", "`me` is no fingerprint"),
        (changed(fingerprint="0123456789abcdef:0"), "0123456789abcdef:0", "is no fingerprint"),
        (changed(since="2026-02-30"), "2026-02-30", "`since` must be a date"),
        (changed(since="20260230"), "20260230", "`since` must be a date"),
        (changed(since="2026-W01-1"), "2026-W01-1", "`since` must be a date"),
        (without("severity"), None, "needs `severity`"),
        (changed(severity="bad"), "bad", "`severity` must be one of info"),
        (changed(stakes="contents: write"), "contents", "`stakes` must be a list of texts"),
        (changed(stakes=[1]), "[1]", "`stakes` must be a list of texts"),
        (changed(fingerprint="0123456789abcdef:1"), None, "stands here twice"),
        (changed(message="\ud800"), "{", "half of a surrogate pair"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(text: str, at: str | None, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read_accepted(Source(FILE_NAME, "accepted", text))
    assert message in str(refused.value)
    where, line, column = refused.value.where.rsplit(":", 2)
    assert where == FILE_NAME
    if at:
        assert text.splitlines()[int(line) - 1][int(column) - 1 :].startswith(at)


def finding(**more: Any) -> Finding:
    at = Span(Source("a.yml", "workflow", "x"), 0, 1)
    return Finding(
        "a-rule", None, Severity.LOW, Confidence.HIGH, "s", at, "a message", (), (), "aa:1"
    )._replace(**more)


def test_an_entry_covers_what_people_read_in_it_and_nothing_worse() -> None:
    one = entry("aa:1", stakes=("contents: write", "secret A"))
    assert one.covers(finding())
    assert one.covers(finding(stakes=("secret A",), severity=Severity.INFO))
    assert not one.covers(finding(stakes=("secret B",)))
    assert not one.covers(finding(severity=Severity.MEDIUM))
    assert not one.covers(finding(rule="another-rule"))
    assert not one._replace(path="b.yml").covers(finding())
    assert not entry("aa:1").covers(finding(stakes=("secret A",)))


def test_who_accepts_the_loss_of_every_secret_accepts_that_of_each() -> None:
    one = entry("aa:1", stakes=("every secret", "job: every secret"))
    assert one.covers(finding(stakes=("secret A", "job: secret B")))
    assert not one.covers(finding(stakes=("other: secret B",)))
    assert not entry("aa:1", stakes=("secret A",)).covers(finding(stakes=("every secret",)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{{"schema": 1, "accepted": [{"1," * MAX_ENTRIES}1]}}', "more than 10,000 accepted findings"),
        (
            f'{{"schema": 1, "accepted": [{"{}," * MAX_ENTRIES}{{}}, {{}}]}}',
            "more than 10,000 accepted findings",
        ),
        (f"{{{','.join(f'{chr(34)}{one}{chr(34)}: 1' for one in range(60))}}}", "more than 50 keys"),
    ],
)
def test_what_is_too_much_is_refused_before_anything_is_looked_at(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        read_accepted(Source(FILE_NAME, "accepted", text))


def test_stakes_are_kept_in_the_file() -> None:
    [found] = read_accepted(
        Source(FILE_NAME, "accepted", written([entry("0123456789abcdef:1", stakes=("secret A",))]))
    )
    assert found.stakes == ("secret A",)


def test_a_repository_without_the_file_has_accepted_nothing(tmp_path: Path) -> None:
    assert not load_accepted(tmp_path)


def test_files_that_are_none(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.mkdir()
    with pytest.raises(PolicyError, match=r"not a regular file|cannot be read"):
        load_accepted(tmp_path)
    file.rmdir()
    os.mkfifo(file)
    with pytest.raises(PolicyError, match="not a regular file"):
        load_accepted(tmp_path)
    file.unlink()
    file.symlink_to("/etc/hostname")
    with pytest.raises(PolicyError, match="leaves the repository"):
        load_accepted(tmp_path)
    file.unlink()
    file.write_bytes(b'{"schema": \xff}')
    with pytest.raises(PolicyError, match="not UTF-8: the byte 0xff"):
        load_accepted(tmp_path)
    file.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(PolicyError, match="larger than 5 MB"):
        load_accepted(tmp_path)


def test_a_link_inside_the_repository_is_followed(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(written([entry("0123456789abcdef:1")]))
    (tmp_path / FILE_NAME).symlink_to("kept.json")
    assert len(load_accepted(tmp_path).entries) == 1
