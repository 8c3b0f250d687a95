"""Makes docs/images/report-*.png anew: the HTML report of a real repository, in a headless Chromium.

.venv/bin/python -m docs.screenshots REPOSITORY
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.browser import MISSING, chromium
from tests.support import NOW, ROOT, clean_environment, run

_IMAGES: Final = Path(__file__).parent / "images"
_VIEWS: Final = (
    ("light", "light", 1280, 1500),
    ("dark", "dark", 1280, 1500),
    ("narrow", "light", 375, 1500),
)
MOST: Final = 300_000
"""Octets of an image."""


def main(repository: Path) -> None:
    """The report of a repository as it opens: light, dark, and on a phone."""
    _IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, chromium(Path(folder) / "profile") as browser:
        page = Path(folder) / "report.html"
        shown = (
            Path(folder) / repository.name
        )  # so that the page names the repository, not where it lies here
        shown.symlink_to(repository.resolve())
        scan = [sys.executable, "-m", "scanner", "scan", shown.name, "--now", NOW]
        environment = clean_environment(PYTHONPATH=str(ROOT))
        # 1: its findings reach the gate, which the page says.
        run([*scan, "--output", f"html={page}"], cwd=Path(folder), env=environment, expect=(0, 1))
        for name, scheme, width, height in _VIEWS:
            browser.scheme(scheme)
            browser.size(width, height)
            browser.open(page)
            image = browser.picture()
            if len(image) > MOST:
                sys.exit(f"report-{name}.png has {len(image):,} octets, which are more than {MOST:,}")
            (_IMAGES / f"report-{name}.png").write_bytes(image)
            print(f"docs/images/report-{name}.png: {len(image):,} octets")


if __name__ == "__main__":
    if MISSING:
        sys.exit(MISSING)
    main(Path(sys.argv[1]))
