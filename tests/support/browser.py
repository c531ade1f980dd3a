"""Debian's Chromium if it is installed, else Playwright's own; it cannot reach anything but this machine."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Playwright

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    # Any other name fails at once: what the page needs must come from this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)


def launch(playwright: Playwright) -> Browser:
    """Starts a browser."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)


def launch_inside(playwright: Playwright, prefix: Sequence[str], folder: Path) -> Browser:
    """Starts a browser in another network.

    Args:
        playwright: starts it.
        prefix: the beginning of a command that runs there.
        folder: for the script that stands for the browser.
    """
    chromium = shutil.which("chromium") or playwright.chromium.executable_path
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec {" ".join(prefix)} "{chromium}" "$@"\n')
    script.chmod(0o755)
    return playwright.chromium.launch(executable_path=script, args=_FLAGS)
