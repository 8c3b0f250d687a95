"""All sources, in the order in which they are asked: the later ones ask about what the former have found."""

from typing import Final

from scanner.adapters.sources.endoflife import EndOfLife
from scanner.adapters.sources.epss import Epss
from scanner.adapters.sources.flake_registry import FlakeRegistry
from scanner.adapters.sources.github_advisories import GitHubAdvisories
from scanner.adapters.sources.kev import Kev
from scanner.adapters.sources.osv import Osv
from scanner.adapters.sources.source import Source

SOURCES: Final[tuple[Source, ...]] = (Osv(), GitHubAdvisories(), Kev(), Epss(), EndOfLife(), FlakeRegistry())
