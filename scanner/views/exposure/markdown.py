"""The table as Markdown, for a summary of a run or a comment."""

from typing import Final

from scanner.analysis.taint.exposed import ExposedJob
from scanner.report import gfm
from scanner.report.words import where
from scanner.views.exposure.rows import (
    SAID,
    Answer,
    Sum,
    arrived,
    checked,
    held,
    legend,
    started,
    summed,
    used,
)

_HEADER: Final = ("", "job", "started by", "checks", "holds", "of theirs")
_SHOWN: Final = 8
_FOLD: Final = 25


def write(answer: Answer) -> str:
    parts = []
    if answer.rows:
        text = gfm.table(_HEADER, (_row(row) for row in answer.rows), gfm.LIMIT - 6_000)
        if len(answer.rows) > _FOLD:
            text = gfm.folded(f"{len(answer.rows):,} jobs", text)
        parts.append(text)
        words = [f"- **{one}**: {SAID[one]}" for one in used(answer.rows)]
        words += [f"- `{word}`: {meaning}" for word, meaning in legend(answer.rows)]
        parts.append("\n".join(words) + "\n")
    lines = [f"- {_summed(line)}" for line in summed(answer)]
    lines += [
        f"- not read: {gfm.code(where(one.at))}: {gfm.message(one.message)}"
        for one in answer.report.problems[:_FOLD]
    ]
    lines += [f"- {gfm.message(note)}" for note in answer.report.notes]
    if lines:
        parts.append("\n".join(lines) + "\n")
    if parts:
        parts.append(f"knowledge {gfm.code(answer.report.short_knowledge)}\n")
    return "\n".join(parts)


def _row(row: ExposedJob) -> list[str]:
    place = row.job.place()
    severe = row.standing in ("open", "held")
    return [
        f"**{row.standing}**" if severe else row.standing,
        f"{gfm.code(row.job.label)}<br>{gfm.code(f'{row.job.path}:{place.begin.line}')}",
        _cell([" ".join(part.strip() for part in started(one, row)) for one in row.entrances]),
        _cell([", ".join(checked(one, row)) for one in row.entrances]),
        _cell(held(row)),
        _cell([arrived(one, row) for one in row.arrivals]),
    ]


def _summed(one: Sum) -> str:
    if not one.names:
        return one.sentence
    more = f" and {one.more:,} more" if one.more else ""
    return f"{one.sentence}: {', '.join(map(gfm.code, one.names))}{more}"


def _cell(lines: list[str]) -> str:
    shown = [gfm.code(line) for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(f"… and {len(lines) - _SHOWN} more")
    return "<br>".join(shown)
