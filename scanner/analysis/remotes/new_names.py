"""What to write for an input whose repository is called otherwise now."""

from scanner.analysis.locks.advice import SHOWN, instead
from scanner.analysis.locks.inputs import Input
from scanner.analysis.remotes.taken_inputs import remote_of
from scanner.model.online import Remote
from scanner.model.quoting import quoted
from scanner.parse.nix.canonical import canonical
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import FORGES


def advice_for(input: Input, old: Remote, now: Remote) -> str | None:
    """What to write, and where; None where another name than the old one is asked for already."""
    node = input.node.input
    asked = remote_of(node.original)
    if asked is not None and asked != old:
        return None
    return instead(input, f"write {quoted(_reference(node.original, node.locked, now), SHOWN)}")


def _reference(original: Reference, locked: Reference, now: Remote) -> str:
    """The new name in the words of who asked for the old one."""
    shape = original if original.type in FORGES or original.type == "git" else locked
    attributes = {name: value for name, value in original.attributes.items() if name not in ("id", "url")}
    owner, _, repo = now.path.rpartition("/")
    if shape.type in FORGES:
        attributes |= {"type": shape.type, "owner": owner, "repo": repo}
    else:
        attributes |= {"type": "git", "url": f"https://{now.host}/{now.path}"}
    return canonical(Reference(attributes))
