"""The tables that another folder may replace, and how all of each is read.

They are those that the world leaves behind. The others say how programs and formats work, in words that the code of the same version of
snowfence reads.
"""

from collections.abc import Callable, Mapping
from typing import Final

from scanner.knowledge.actions import ActionFacts
from scanner.knowledge.advisories import AdvisoryFacts
from scanner.knowledge.folder import Folder
from scanner.knowledge.github import GitHubFacts
from scanner.knowledge.licenses import LicenseFacts
from scanner.knowledge.tables import Knowledge

Reader = Callable[[Folder], object]
"""Asks for all that a table says. Raises whatever reading it raises."""


def _flake_registry(folder: Folder) -> object:
    knowledge = Knowledge(folder)
    return knowledge.registry_target(""), knowledge.owners


def _hosted_runners(folder: Folder) -> object:
    facts = GitHubFacts(folder)
    return facts.hosted_runner_labels, facts.runner_retirements


READERS: Final[Mapping[str, Reader]] = {
    "advisories.json": lambda folder: AdvisoryFacts(folder).slugs,
    "archived-actions.txt": lambda folder: ActionFacts(folder).archived(""),
    "compromises.json": lambda folder: (
        AdvisoryFacts(folder).slugs,
        AdvisoryFacts(folder).compromised_by("0" * 40),
    ),
    "exploit-scores.json": lambda folder: AdvisoryFacts(folder).exploit_score([""]),
    "exploited.json": lambda folder: AdvisoryFacts(folder).exploited([""]),
    "flake-registry.json": _flake_registry,
    "hosted-runners.json": _hosted_runners,
    "licenses.json": lambda folder: LicenseFacts(folder).license_of("", ""),
    "nix-vulnerabilities.json": lambda folder: Knowledge(folder).nix_advisories,
    "nixos-releases.json": lambda folder: Knowledge(folder).nixos_release(""),
    "outdated-actions.json": lambda folder: ActionFacts(folder).outdated_refs(""),
}
