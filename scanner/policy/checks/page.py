"""The page of a check: what `snowfence explain` and the help of SARIF show of it, without secrets.

A check may be of a repository that nobody trusts: who shows its page makes the text inert (`report/escape.py`).
"""

from scanner.engine import Described
from scanner.model.secrets import masked
from scanner.policy.checks.section import FIX, TITLE, WHY, Declared
from scanner.policy.shapes import Fields


def page(declared: Declared, fields: Fields) -> Described:
    """The title, the reasons, what to do, and the check itself."""
    title = masked(" ".join((fields.get(TITLE) or "").split()))
    why, fix = masked((fields.get(WHY) or "").strip()), masked((fields.get(FIX) or "").strip())
    written = masked(_written(declared))
    fence = "`" * 3
    while fence in written:
        fence += "`"
    parts = [
        f"# {title}",
        why,
        f"## Fix\n\n{fix}" if fix else "",
        f"## Check\n\n`{declared.id.value}` of `{declared.policy}`:\n\n{fence}yaml\n{written}\n{fence}",
    ]
    lead = " ".join((why or title).partition("\n\n")[0].split())
    return Described(title, lead, "\n\n".join(part for part in parts if part) + "\n", _file(declared.policy))


def _file(policy: str) -> str:
    """Where people read a check of ours: the file of its pack. A policy of others is no file of this project."""
    return "" if "/" in policy or policy.endswith((".yaml", ".yml")) else f"policies/{policy}.yaml"


def _written(declared: Declared) -> str:
    """The check as it stands in the policy, without the indentation that all of it has."""
    text = declared.body.source.text
    start = text.rfind("\n", 0, declared.id.start) + 1
    margin = declared.id.start - start
    if text[start : declared.id.start].strip() or declared.body.start < declared.id.start:
        # In flow style, or an alias of something above: there are no lines of its own.
        return f"{declared.id.value}: {text[declared.body.start : declared.body.end]}"
    lines = text[start : declared.body.end].rstrip().split("\n")
    return "\n".join(line[margin:] if not line[:margin].strip() else line for line in lines)
