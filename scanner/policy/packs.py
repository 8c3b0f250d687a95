"""The policies that are shipped: where they are, and their names."""

from pathlib import Path


def packs_folder() -> Path:
    """The shipped packs: beside the package in a wheel, in the root of a checkout."""
    installed = Path(__file__).parent.parent / "_policies"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "policies"


def pack_names() -> list[str]:
    return sorted(file.stem for file in packs_folder().glob("*.yaml"))
