"""Makes the project's own environment: ``python3 bootstrap.py .venv EXTRA``.

Runs on any Python 3, before anything of ours is installed, so that a machine that cannot work is told so in one
sentence. Does nothing when the environment is already the one that the lock describes.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = (3, 11)
FREE_GIB = 3
HERE = Path(__file__).resolve().parent


def main():
    """Creates or updates the environment; exit code 1 and one sentence where it cannot."""
    folder, extra = Path(sys.argv[1]), sys.argv[2]
    if sys.version_info < NEEDED:
        version = sys.version.split()[0]
        sys.exit(
            f"Clairscore needs Python 3.11 or newer, and {sys.executable} is {version}. "
            "Name another one: make run PYTHON=/path/to/python3.11"
        )
    marker = folder / f".clairscore-{extra}"
    wanted = fingerprint()
    if marker.exists() and marker.read_text() == wanted:
        return
    if shutil.disk_usage(str(HERE)).free < FREE_GIB << 30:
        sys.exit(f"The installation needs {FREE_GIB} GiB of free disk, and there is less in {HERE}.")
    python = folder / "bin" / "python"
    if not python.exists() and subprocess.call([sys.executable, "-m", "venv", str(folder)]) != 0:
        sys.exit("The Python environment could not be made. On Debian: apt-get install python3-venv")
    sys.stdout.write(f"Installing Clairscore's packages into {folder} (once; about two minutes) ...\n")
    sys.stdout.flush()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "-c", "requirements.lock", "-e", f".[{extra}]"], cwd=str(HERE)) != 0:
        sys.exit("pip could not install the packages; its message is above.")
    marker.write_text(wanted)


def fingerprint():
    """Hash of what decides which packages are installed."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "requirements.lock"):
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
