"""The image that ours are built on where no registry can be reached: Debian 12 with Python 3.11, from Debian's mirror.

It stands for ``python:3.11-slim-bookworm``: the same distribution and the same version of Python, which is found at the
same place.
"""

import shutil
from pathlib import Path

from support.containers.commands import run

_PACKAGES = "python3,python3-venv,ca-certificates"
# What a slim image does without.
_LEFT_OUT = ("usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists", "var/log")


def archive(folder: Path) -> Path:
    """Gives the root file system as a tar archive, which is made (a minute, mostly downloads) where it is not there."""
    made = folder / "base.tar"
    if made.exists():
        return made
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "rootfs"
    shutil.rmtree(root, ignore_errors=True)
    try:
        run(["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", root, _mirror()], seconds=600)
        _slim(root)
        aside = made.with_suffix(".part")
        run(["tar", "--directory", root, "--create", "--file", aside, "."])
        aside.rename(made)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return made


def _slim(root: Path) -> None:
    for name in _LEFT_OUT:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    for name in ("python", "python3", "python3.11"):
        (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3.11")
    # Downloads in a build trust whom this machine trusts.
    shutil.copyfile("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")


def _mirror() -> str:
    """The mirror that this machine's own packages come from."""
    listed = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: bookworm", "Created-By: Packages"]
    ).split()
    return listed[0] if listed else "http://deb.debian.org/debian"
