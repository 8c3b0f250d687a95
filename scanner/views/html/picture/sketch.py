"""What is to be drawn, before anybody knows where: boxes with texts, and edges between them."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from scanner.model.finding import Finding, Severity
from scanner.model.secrets import masked

Shape = Literal["box", "card", "folder", "pill", "tag", "octagon", "slanted", "stack"]


WORST_FIRST: Final = tuple(reversed(Severity.names()))
"""The severities."""


class Sign(NamedTuple):
    """A small mark at a box: `text` of few characters, `kind` for its colour, `about` in words."""

    kind: str
    text: str
    about: str


class Figure(NamedTuple):
    """A box. `title` and `below` are its two lines, `whole` all of the second one where that is cut; `kind` and `classes` decide on its colours, `shape` on its outline. `stripe` is the class
    of the band at its left edge, which stands for an age, empty for none. `least` is the layer that it stands in or to the right of. `full` is its text for those who do not see it."""

    id: str
    title: str
    below: str
    kind: str
    shape: Shape
    full: str
    facts: tuple[tuple[str, str], ...]
    subjects: tuple[str, ...]
    signs: tuple[Sign, ...] = ()
    classes: tuple[str, ...] = ()
    stripe: str = ""
    least: int = 0
    whole: str = ""


class Line(NamedTuple):
    """An edge between the figures with two ids. `kinds` are its classes, `about` what it says."""

    source: str
    target: str
    kinds: tuple[str, ...]
    about: str


class Explained(NamedTuple):
    """An entry of the legend: a sample, as a figure's or a line's class, with what it means."""

    sample: Literal["stripe", "sign", "line", "shape"]
    name: str
    text: str


class Sketch(NamedTuple):
    """All of a picture; `name` tells the pictures of one repository apart, in ids."""

    name: str
    title: str
    about: str
    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]
    legend: tuple[Explained, ...]
    note: str


def without_secrets(figure: Figure) -> Figure:
    """A figure with texts that may be shown."""
    return figure._replace(
        title=masked(figure.title),
        below=masked(figure.below),
        full=masked(figure.full),
        facts=tuple((name, masked(value)) for name, value in figure.facts),
        whole=masked(figure.whole),
    )


def sign_of(findings: Sequence[Finding]) -> tuple[Sign, ...]:
    """The mark that says how many findings there are and how bad the worst is."""
    worst: Severity | None = max((one.severity for one in findings), default=None)
    if worst is None:
        return ()
    count = len(findings)
    about = f"{count} finding{'s' if count != 1 else ''}, the worst {worst}"
    return (Sign(f"severity-{worst}", f"{str(worst)[0].upper()}{count if count < 100 else '99+'}", about),)


def worst_sign(signs: Iterable[Sign]) -> tuple[Sign, ...]:
    """Of the marks that say how bad findings are the worst one."""
    by_kind = {sign.kind: sign for sign in signs}
    found = (by_kind.get(f"severity-{one}") for one in WORST_FIRST)
    return tuple(sign for sign in found if sign is not None)[:1]


def explained_signs(figures: Iterable[Figure]) -> tuple[Explained, ...]:
    """The entry of the legend for the mark of findings, with the worst that is drawn."""
    worst = worst_sign(sign for figure in figures for sign in figure.signs)
    return tuple(
        Explained(
            "sign",
            f"{one.kind} {one.text[0]}2",
            f"findings: the worst is {one.kind.removeprefix('severity-')}, and how many",
        )
        for one in worst
    )
