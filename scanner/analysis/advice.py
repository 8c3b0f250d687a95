"""What to tell people to write, in the words of the tool whose lock it is."""

from scanner.analysis.inputs import Input
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import DEVENV, NIX


def place_of(input: Input, attribute: str = "url") -> str:
    """Where a maintainer says where an input comes from: "`inputs.nixpkgs.url` in flake.nix"."""
    if input.node.lock.tool in (NIX, DEVENV):
        where = f"{input.attribute}.{attribute}" if input.attribute is not None else None
        return f"{quoted(where, 120) if where else 'its URL'} in {input.declared_in}"
    return f"the pin {quoted(input.name)} in {input.declared_in}"


def instead(input: Input, write: str) -> str:
    """Advice to write something else, and for the input of an input also to whom it belongs."""
    if input.own:
        return f"{write} at {place_of(input)}"
    return f"{write} at {place_of(input)}, or ask the owner of {quoted('/'.join(input.path[:-1]) or '?')} to"
