"""Typed questions to the table of licences: under which one a repository is."""

from functools import cached_property

from scanner.knowledge.folder import Folder


class LicenseFacts:
    """Licences of whole repositories, as their licence files say; what they package or download may have others."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def _repositories(self) -> dict[str, dict[str, list[str]]]:
        rows: dict[str, dict[str, list[str]]] = self._folder.json("licenses.json")["repositories"]
        return rows

    def license_of(self, host: str, slug: str) -> str | None:
        """The SPDX expression of a repository by its host and path (lower case); None where it is not known."""
        row = self._repositories.get(host, {}).get(slug.lower())
        return row[0] if row is not None else None
