"""Brings what the tests need and pip does not: a browser, PostgreSQL's server programs, Pango and a font for letters,
and Java for Spark.

Each comes from Debian's packages where that is possible. Without a way to install PostgreSQL or Java their tests are
skipped and say so, without Pango those of printing fail; without a browser nothing can be tested, so that is an error.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# As docs/running.md names them for whoever runs the dashboard.
_LETTERS = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")


def main() -> None:
    """Installs what is missing; exit code 1 and one sentence when there is no browser in the end."""
    if not _browser() and not _apt_install("chromium"):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        if not _browser():
            sys.exit("The browser tests need Chromium. On Debian: apt-get install chromium")
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and not shutil.which("initdb"):
        _apt_install("postgresql")
    if not all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")):
        _apt_install(*_LETTERS)
    if not shutil.which("java"):
        _apt_install("openjdk-17-jre-headless")


def _browser() -> bool:
    return bool(shutil.which("chromium")) or any((Path.home() / ".cache" / "ms-playwright").glob("chromium*"))


def _apt_install(*packages: str) -> bool:
    """Installs Debian packages; False where that is not possible."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    named = " ".join(packages)
    print(f"Installing {named} …", flush=True)  # noqa: T201
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {named} > /dev/null"
    return subprocess.run(["sh", "-c", install], env=environment, check=False).returncode == 0


if __name__ == "__main__":
    main()
