"""What servers say of the repositories that actions, hooks and inputs are taken from: with `--online`"""

from scanner.engine import ONLINE

INPUTS: frozenset[str] | None = frozenset({ONLINE})
