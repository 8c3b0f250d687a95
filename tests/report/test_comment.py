"""Markers, and documents that are cut."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.report.comment import KEY, as_comment, as_summary, marked, marker_of, shortened

LINES = st.lists(
    st.sampled_from(["text", "| a | b |", "<details><summary>x</summary>", "</details>", "```", "~~~~", "````nix", "é😀" * 5, ""]),
    max_size=60,
).map("\n".join)  # fmt: skip


def closed(text: str) -> bool:
    """Whether neither code nor a fold is open at the end, as a reader of Markdown goes through it."""
    fence, folds = "", 0
    for line in text.split("\n"):
        run = line[: len(line) - len(line.lstrip("`~"))]
        if fence:
            if run.startswith(fence) and line == run:
                fence = ""
        elif len(run) >= 3:
            fence = run
        else:
            folds += line.count("<details") - (folds > 0 and line.count("</details>"))
    return not fence and not folds


@given(LINES, st.integers(0, 700))
def test_what_is_cut_fits_and_is_closed(document: str, room: int) -> None:
    text = as_summary(document, room)
    assert len(text.encode()) <= max(room, 0)
    if text != document and text:
        assert "… cut here" in text
        assert closed(text)
        kept = text.partition("\n\n… cut here")[0]
        assert document.startswith(kept.partition("\n\n</details>")[0].rstrip("`~\n"))


def test_what_fits_stays() -> None:
    document = "x" * 65_536
    assert as_comment(document) == document
    assert as_comment(document + "y").startswith("\n… cut here")
    assert len(as_comment("😀\n" * 40_000)) < 65_536 // 3 * 2 + 200


def test_a_cut_inside_code_in_a_fold() -> None:
    document = "<details><summary>x</summary>\n\n```nix\n" + "line\n" * 100 + "```\n</details>\n"
    cut = shortened(document, 300, len, "300")
    assert len(cut) <= 300
    tail = cut[cut.rindex("line\n") :]
    assert (
        tail
        == "line\n```\n\n</details>\n\n… cut here, since 300 are all that GitHub takes. The whole is in the output of the run.\n"
    )


@given(st.text(max_size=90))
def test_a_key_never_ends_the_marker(key: str) -> None:
    if KEY.fullmatch(key):
        marker = marker_of("text", key)
        assert marker is not None
        assert marker.count("--") == 2 and "\n" not in marker
        again = marked("<!-- snowfence scan -->\ntext", marker)
        assert again == f"{marker}\ntext"
        assert marker_of(again, None) == marker
