"""Where things are kept between runs, by the conventions of the system (XDG on Linux)."""

import os
import sys
from pathlib import Path
from typing import Final

from scanner.model.errors import UsageError

_NAME: Final = "snowfence"


def cache_folder() -> Path:
    """The folder of what may be thrown away at any time; it need not exist.

    Raises:
        UsageError: the environment does not tell where it is.
    """
    if sys.platform == "linux":
        # Every scan asks. This is what platformdirs answers, without the 6 ms that its import takes.
        base, home = os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("HOME", "")
        if base.startswith("/"):
            return Path(base, _NAME)
        if not base and home.startswith("/"):
            return Path(home, ".cache", _NAME)
    from platformdirs import user_cache_path

    try:
        return user_cache_path(_NAME, appauthor=False)
    except RuntimeError:
        raise UsageError(
            "there is no home directory to keep things in; set XDG_CACHE_HOME to a folder of this user"
        ) from None
