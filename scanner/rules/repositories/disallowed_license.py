"""See disallowed_license.md."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from scanner.analysis.licenses.options import LicenseId
from scanner.engine import Context, rule
from scanner.graph.ids import file_id
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.online import NotKnown, Remote
from scanner.model.quoting import quoted

if TYPE_CHECKING:
    from scanner.analysis.remotes.taken import Taken


class Options(NamedTuple):
    allow: tuple[LicenseId, ...] = ()
    deny: tuple[LicenseId, ...] = ()
    actions: bool = True
    hooks: bool = True
    inputs: bool = True
    transitive: bool = False


@rule(
    "disallowed-license",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    options=Options,
    tags=("license",),
    more_online=True,
)
def disallowed_license(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if not ctx.options.allow and not ctx.options.deny:
        return
    # They load the ids of SPDX and the table, which only lists need.
    from scanner.analysis.licenses.lists import Lists
    from scanner.analysis.remotes.licenses import Licensed, Licenses

    lists = Lists(ctx.options.allow, ctx.options.deny)
    licenses = Licenses(ctx.knowledge, ctx.online)
    # By file, so that an exception for the one does not speak for the other.
    uses: dict[Remote, dict[str, list[Taken]]] = {}
    for taken in _taken(ctx, licenses.home):
        uses.setdefault(taken.remote, {}).setdefault(taken.at.path, []).append(taken)
    licenses.prepare(uses)
    for remote, files in uses.items():
        name = quoted(str(remote))
        found = licenses.of(remote)
        refused = lists.judge(found.expression) if isinstance(found, Licensed) else found
        if isinstance(refused, NotKnown):
            for first, *_ in files.values():
                yield Unknown(
                    first.at, first.subject, f"the licence of {name} is not known: {refused.reason}"
                )
        elif isinstance(found, Licensed) and refused:
            names = ", ".join(quoted(str(one)) for one in refused)
            says = f"which the policy {lists.says(refused)}"
            if [*map(str, refused)] != [found.expression]:
                says = f"and the policy {lists.says(refused)} {names}"
            for path, (first, *others) in files.items():
                yield Hit(
                    first.at,
                    first.subject,
                    f"{name} is under {quoted(found.expression, 200)}, {says}; take the code from elsewhere, or grant it an exception",
                    evidence=(str(remote), found.expression.lower()),
                    related=tuple(Note(other.at, "it is used here, too") for other in others),
                    about=file_id(path),
                )


def _taken(ctx: Context[Options], home: str) -> "Iterator[Taken]":
    """The uses that the options ask about."""
    from scanner.analysis.remotes.taken import taken_of  # loads readers of locks, as above

    options = ctx.options
    kinds = {
        "action": options.actions,
        "locked": options.actions and options.transitive,
        "hook": options.hooks,
        "input": options.inputs,
    }
    for taken in taken_of(ctx.graph, home):
        own = taken.input is None or taken.input.direct
        if kinds[taken.kind] and (own or options.transitive):
            yield taken
