"""Brings what the tests of containers need and pip does not: an engine, debootstrap, and what makes networks.

From Debian's packages, by root; elsewhere the tests that need an engine are skipped and say so.
"""

import os
import shutil
import subprocess
import sys

_PACKAGES = {
    "dockerd": "docker.io",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "iptables": "iptables",
    "chromium": "chromium",
}


def main() -> None:
    """Installs what is missing, where that is possible."""
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    named = " ".join(missing)
    print(f"Installing {named} …", flush=True)  # noqa: T201
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {named} > /dev/null"
    if subprocess.run(["sh", "-c", install], env=environment, check=False).returncode != 0:
        sys.stderr.write(f"{named} could not be installed; tests that need a container engine will be skipped.\n")


if __name__ == "__main__":
    main()
