"""Typed questions to the table of licences: under which one a repository is."""

from functools import cached_property

from scanner.knowledge.folder import Folder


class LicenseFacts:
    """Licences of whole repositories, as their licence files say; what they package or download may have others."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def _repositories(self) -> dict[str, dict[str, str]]:
        hosts: dict[str, dict[str, list[str]]] = self._folder.json("licenses.json")["repositories"]
        return {host: {slug: row[0] for slug, row in rows.items()} for host, rows in hosts.items()}

    def license_of(self, host: str, slug: str) -> str | None:
        """The SPDX expression of a repository by its host and path (lower case); None where it is not known."""
        return self._repositories.get(host, {}).get(slug.lower())
