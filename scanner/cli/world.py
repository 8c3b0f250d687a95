"""What a run knows of the world and whom it may ask about it: `--knowledge` and `--online`."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from scanner.adapters.folders import cache_folder
from scanner.cli.common import SHOWN, clock
from scanner.cli.progress import progress_of
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.online import Online
from scanner.model.quoting import quoted

SHIPPED: Final = "shipped"
UPDATED: Final = "updated"
"""Words of `--knowledge`."""


def add_knowledge(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--knowledge",
        metavar="shipped|updated|DIR",
        help=f"the tables about the world to judge by: those that came with snowfence ({SHIPPED}), with those of `snowfence knowledge "
        f"update` in their place ({UPDATED}), or with those of a folder; default: updated where there are any that are not older",
    )


def knowledge_of(arguments: Namespace) -> Knowledge:
    """The snapshot of what is known of the world that `--knowledge` asks for."""
    asked: str | None = arguments.knowledge
    match asked:
        case "shipped":
            return Knowledge()
        case None | "updated":
            try:
                folder = knowledge_folder()
            except UsageError:
                if asked is not None:
                    raise
                return Knowledge()
            if asked is not None:
                _look_at(folder)
            knowledge = Knowledge(over=folder, own=True, today=clock(arguments).date())
            if asked is not None and not knowledge.updated:
                raise UsageError(_no_update(knowledge))
            return knowledge
    folder = Path(asked)
    if not folder.is_dir():
        raise UsageError(
            f"there is no folder {quoted(asked, SHOWN)} with tables; `--knowledge` takes {SHIPPED}, {UPDATED} or a folder that "
            "`snowfence knowledge update --to` has written"
        )
    knowledge = Knowledge(over=folder, always=True, today=clock(arguments).date())
    if not knowledge.updated:
        raise UsageError(
            f"there is no table that can be used in {quoted(asked, SHOWN)}: "
            + (knowledge.refused or ("tables have the names that `snowfence knowledge` shows",))[0]
        )
    return knowledge


def knowledge_folder() -> Path:
    """Where `snowfence knowledge update` writes tables; it need not exist."""
    return cache_folder() / "knowledge"


def _look_at(folder: Path) -> None:
    """Raises UsageError where nobody can tell whether there is a folder."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise UsageError(
            f"the updated tables in {quoted(str(folder), SHOWN)} cannot be read ({error.strerror}); set XDG_CACHE_HOME to a folder "
            f"of this user and run `snowfence knowledge update`, or go without them (`--knowledge {SHIPPED}`)"
        ) from None


def _no_update(knowledge: Knowledge) -> str:
    """Why there are no updated tables, and what to do."""
    if knowledge.refused:
        return f"no updated table can be used: {knowledge.refused[0]}"
    return "there are no updated tables, or the shipped ones are newer; run `snowfence knowledge update`"


def add_online(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--online",
        action="store_true",
        help="ask the servers that code is taken from as well (git servers, GitHub's API); a token of GitHub is read from GH_TOKEN or "
        "GITHUB_TOKEN, a server of one's own from GH_HOST and GH_ENTERPRISE_TOKEN",
    )
    parser.add_argument(
        "--refresh", action="store_true", help="with --online: ask anew what earlier runs have kept on disk"
    )


def online_of(arguments: Namespace) -> Online | None:
    """Whom a run may ask, None without `--online`: nothing else goes online. One for a run, so that nothing is asked twice.

    Raises:
        UsageError: the environment names a server or a token that cannot be one.
    """
    if not arguments.online:
        if arguments.refresh:
            raise UsageError("`--refresh` goes with `--online` alone: without it nothing is asked")
        return None
    from scanner.adapters.servers import servers_of  # requests and dulwich take longer to load than a scan

    return servers_of(os.environ, cache_folder(), refresh=arguments.refresh, progress=progress_of(arguments))
