"""A headless Chromium that asks nobody: Debian's packages `chromium` and `chromium-driver`, spoken to with selenium."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

MISSING = (
    ""
    if CHROMIUM and DRIVER
    else "there is no chromium with its chromedriver (Debian: chromium, chromium-driver)"
)
"""Why there is no browser; empty where there is one."""

FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --disable-dev-shm-usage --disable-extensions --hide-scrollbars --force-color-profile=srgb"
).split()


class Browser:
    """One window. Everything that the page writes to its console or asks for is kept."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def size(self, width: int, height: int) -> None:
        """The size of the page's view, in CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """`light` or `dark`, as the system would say it."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, page: Path, fragment: str = "") -> None:
        self.driver.get_log("browser")  # what an earlier page said
        self.driver.get_log("performance")
        self.driver.get("about:blank")
        self.driver.get(page.resolve().as_uri() + fragment)

    def ask(self, script: str, *arguments: object) -> Any:
        """What a script returns that runs beside the page's own, outside of its policy."""
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        actions = ActionChains(self.driver, duration=0)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def said(self) -> list[str]:
        """What the page has written to the console, violations of its policy included."""
        return [one["message"] for one in self.driver.get_log("browser")]

    def asked(self) -> list[str]:
        """The URLs of all that was asked for since the page was opened."""
        import json

        messages = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        return [
            one["params"]["request"]["url"]
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
        ]

    def picture(self, *, whole: bool = False) -> bytes:
        """A PNG of the view, or of the page from top to bottom."""
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {"format": "png", "captureBeyondViewport": whole, "optimizeForSpeed": False},
        )
        return base64.b64decode(shot["data"])


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in the folder `profile`."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
