"""See unused_ignore.md."""

from collections.abc import Iterator

from scanner.engine import Context, NoOptions, places, rule
from scanner.model.finding import Confidence, Edit, Fix, Hit, Severity
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.edits import fix, without_comment
from scanner.parse.ignores import OWN, Ignore, Name


@rule(
    "unused-ignore",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"foreign": Severity.INFO},
    tags=("maintenance",),
    last=True,
)
def unused_ignore(ctx: Context[NoOptions]) -> Iterator[Hit]:
    known = list(places())
    for comment, name, exists in ctx.ignores.idle(known):
        subject = f"file:{comment.at.path}"
        if name is not None and name.text == "unused-ignore":
            continue  # what it silences is being said just now
        if name is None:
            message = (
                "this comment names no rule, so it silences nothing: write the rules as `ignore[rule, rule]`"
            )
            yield Hit(comment.at, subject, message)
        elif comment.tool != OWN:
            message = f"no finding of {quoted(name.text)} stands here: remove it, unless {comment.tool} itself needs it"
            yield Hit(name.at, subject, message, "foreign", Confidence.LOW, (name.text,))
        elif exists:
            message = f"no finding of {quoted(name.text)} stands here any more: remove it, or it will hide the next one"
            yield Hit(name.at, subject, message, evidence=(name.text,), fix=_fix(comment, name))
        else:
            message = (
                f"there is no rule {quoted(name.text)}, so this silences nothing{nearest(name.text, known)}"
            )
            yield Hit(name.at, subject, message, evidence=(name.text,))


def _fix(comment: Ignore, name: Name) -> Fix | None:
    """The comment goes, or of several names this one."""
    if not comment.certain:
        return None
    if len(comment.names) == 1:
        return fix("remove the comment", without_comment(comment.at))
    number = comment.names.index(name)
    if number:
        start, end = comment.names[number - 1].at.end, name.at.end
    else:
        start, end = name.at.start, comment.names[1].at.start
    return fix(f"remove `{name.text}`", Edit(Span(comment.at.source, start, end), ""))
