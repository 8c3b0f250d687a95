"""The areas of the posture of a repository; every rule belongs to one."""

from typing import Final, Literal

Area = Literal["pinning", "freshness", "permissions", "exposure", "nix-trust", "hygiene"]

AREAS: Final[dict[Area, str]] = {
    "pinning": "what is used is fixed, and is what was meant: actions, images, inputs, hooks, tools",
    "freshness": "what is used is kept up to date and still supported",
    "permissions": "tokens and secrets reach no further than they must",
    "exposure": "what outsiders can start, send in and take over",
    "nix-trust": "what Nix believes: hashes, substituters, keys, settings, who owns inputs",
    "hygiene": "files that can be read, conditions that hold, limits, reviewers",
}
"""Each area with what it is about."""

DEFAULT_AREA: Final[Area] = "hygiene"
"""That of a check of a policy that names none."""
