"""Under which licence the code of other repositories is: what the forge says where it may be asked, and the table."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from scanner.analysis.remotes.names import home_of
from scanner.knowledge.tables import Knowledge
from scanner.model.online import GITHUB, NotKnown, Online, Question, Remote
from scanner.model.quoting import quoted

_NOTHING: Final = frozenset(("noassertion", "other", "none"))
"""What forges say in place of a licence that they cannot name, in lower case."""


class Licensed(NamedTuple):
    """An SPDX expression as it was told. `by_forge`: the forge has found it out; otherwise the table has it."""

    expression: str
    by_forge: bool = False


class Licenses:
    """Licences of repositories. `online` is whom may be asked, None: nobody."""

    __slots__ = ("_knowledge", "_online")

    def __init__(self, knowledge: Knowledge, online: Online | None = None) -> None:
        self._knowledge: Final = knowledge
        self._online: Final = online

    @property
    def home(self) -> str:
        """The host on which `uses:` finds actions."""
        return home_of(self._online)

    def prepare(self, remotes: Iterable[Remote]) -> None:
        """Asks for many at once, so that nobody waits for one after the other."""
        if self._online is not None:
            self._online.prepare(Question("about", remote) for remote in dict.fromkeys(remotes))

    def of(self, remote: Remote) -> Licensed | NotKnown:
        """The licence of a repository.

        A forge names one licence. Where the table has an expression in which that one stands beside others (`MIT OR Apache-2.0`),
        more of the repository was read for the table, and its expression counts.
        """
        listed = self._knowledge.licenses.license_of(remote.host, remote.path)
        if self._online is None:
            return Licensed(listed) if listed is not None else NotKnown(_not_listed(remote))
        about = self._online.about(remote)
        told = about.license if not isinstance(about, NotKnown) else None
        if told is not None and told.lower() not in _NOTHING and told.lower() not in _names(listed):
            return Licensed(told, by_forge=True)
        if listed is not None:
            return Licensed(listed)
        if isinstance(about, NotKnown):
            return about
        cannot = "cannot tell which one it is" if told is not None else "finds none in it"
        return NotKnown(f"{quoted(remote.host)} {cannot}")


def _names(expression: str | None) -> list[str]:
    """The ids in an expression of the table, in lower case."""
    return (expression or "").lower().replace("(", " ").replace(")", " ").split()


def _not_listed(remote: Remote) -> str:
    asks = "; `--online` asks GitHub" if remote.host == GITHUB else ""
    return f"the table of licences does not have it{asks}"
