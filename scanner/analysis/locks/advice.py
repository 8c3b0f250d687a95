"""What to tell people to write and to run, in the words of the tool whose lock it is."""

from typing import Final

from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.moving import Moving
from scanner.model.quoting import quoted
from scanner.parse.nix import remedies
from scanner.parse.nix.lock import DEVENV, NIX, Lock
from scanner.parse.nix.reference import Reference

SHOWN: Final = 300
"""Characters of what is there to be copied: a command, a line to write, a reference with its commit."""


def place_of(input: Input, attribute: str = "url") -> str:
    """Where a maintainer says where an input comes from: "`inputs.nixpkgs.url` in flake.nix"."""
    if input.node.lock.tool in (NIX, DEVENV):
        where = f"{input.attribute}.{attribute}" if input.attribute is not None else None
        return f"{quoted(where, SHOWN) if where else 'its URL'} in {input.declared_in}"
    return f"the pin {quoted(input.name)} in {input.declared_in}"


def instead(input: Input, write: str) -> str:
    """Advice to write something else, and for the input of an input also to whom it belongs."""
    if input.own:
        return f"{write} at {place_of(input)}"
    return f"{write} at {place_of(input)}, or ask the owner of {quoted(input.above or '?')} to"


def follows_line(lock: Lock, path: tuple[str, ...], target: str) -> str:
    """The line, as its tool's file has it, by which the input at a path of names follows another one."""
    if lock.tool is NIX:
        return f'{".".join(f"inputs.{name}" for name in path)}.follows = "{target}";'
    first, *rest = path
    line = f"{{ follows: {target} }}"
    for name in reversed(rest):
        line = f"{{ inputs: {{ {name}: {line} }} }}"
    return f"{first}: {line}"


def replace_follows(input: Input, by: str) -> str:
    """What to do about an input of an input that a name at the root follows: the line that says so, and what to write instead."""
    lock = input.node.lock
    for name in input.names:
        target = lock.root_inputs.get(name)
        if isinstance(target, tuple):
            line = follows_line(lock, (name,), "/".join(target))
            return f"replace {quoted(line, SHOWN)} in {input.declared_in} by {by}"
    return f"replace the follows in {input.declared_in} by {by}"


def declared_in(lock: Lock) -> str:
    """The file that says what a lock is to hold, as a path from the repository's root."""
    return remedies.declared_in(lock.tool, lock.source.path)


def relock(lock: Lock) -> str:
    """The command, in backticks, that takes over what is declared and updates as little as the lock's tool can."""
    return remedies.relock(lock.tool, lock.source.path)


def update(lock: Lock, name: str = "") -> str:
    """The command, in backticks, that updates an input of a lock, or all of them."""
    return remedies.update(lock.tool, lock.source.path, name)


def refused(input: Input) -> str:
    """What locks an input again that makes its tool refuse the whole lock: then its commands for updates fail as well."""
    lock = input.node.lock
    if lock.tool is NIX and input.own:
        # Nix reads only what the root reaches: without this name it is an input that has no lock yet.
        return f"take {quoted(input.last)} out of the `inputs` of {quoted(lock.root)} in the lock and run {relock(lock)}"
    return f"restore an earlier lock, or delete it and run {relock(lock)}"


def steady(found: Moving, place: str, name: str, asked: Reference) -> str:
    """What to write at a place instead of a URL whose content changes; `name` is the last of the input's path."""
    if found.instead is not None:
        write = f"write {quoted(found.instead, SHOWN)} at {place}, which locks a commit"
        if asked.type == "file" and found.file is not None:
            path = f'"${{inputs.{name}}}/{found.file}"'
            return f"{write} of the whole repository, in which the file is {quoted(path, SHOWN)}"
        return write
    if found.keys:
        return "keep a copy of the keys in this repository"
    return f"write a URL with a version in it at {place}"
