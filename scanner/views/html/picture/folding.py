"""Several figures drawn as one."""

from typing import Final

from scanner.views.html.picture.sketch import Figure, worst_sign

_MANY: Final = 3
"""Figures from which on they are drawn as one."""


def drawn_together(
    figures: dict[str, Figure], stands: dict[str, str], groups: dict[str, list[Figure]], what: str
) -> list[str]:
    """Draws groups as one figure each."""
    count = 0
    for title, found in groups.items():
        if len(found) < _MANY:
            continue
        first = found[0]
        id = f"folded:{what}:{title}"
        facts = (
            (
                "drawn as one",
                ", ".join(f"{one.title} {one.below.partition(' · ')[2]}" for one in found[:200]),
            ),
        )
        subjects = tuple(subject for one in found for subject in one.subjects)
        figures[id] = Figure(
            id,
            title,
            f"{len(found)} {what}",
            first.kind,
            "stack",
            f"{title}, {len(found)} {what}",
            facts,
            subjects,
            worst_sign(sign for one in found for sign in one.signs),
            ("several",),
            least=first.least,
        )
        for one in found:
            del figures[one.id]
            stands[one.id] = id
        count += len(found)
    return [f"{count:,} {what} are drawn together with others"] if count else []
