"""Where things are kept between runs, by the conventions of the system (XDG on Linux)."""

from pathlib import Path


def cache_folder() -> Path:
    """The folder of what may be thrown away at any time; it need not exist."""
    from platformdirs import user_cache_path

    return user_cache_path("snowfence", appauthor=False)
