"""Writes the bill of materials of an image (CycloneDX 1.6, JSON): Python's packages and Debian's.

Usage: ``python sbom.py NAME VERSION PYTHON OUT``, where PYTHON is the interpreter of the environment that is described.
Runs in the image that it describes, with the packages of the tools beside it. The same image gives the same file.
"""

import json
import subprocess
import sys
from pathlib import Path

_DEBIAN = "${Package}\t${Version}\t${Architecture}\t${source:Package}\n"


def main(name: str, version: str, python: str, out: Path) -> None:
    """Takes Python's part from cyclonedx-py, and adds Debian's from dpkg."""
    described = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--spec-version=1.6", python],
        check=True,
        capture_output=True,
        text=True,
    )
    bom = json.loads(described.stdout)
    bom["metadata"]["component"] = {
        "type": "container",
        "bom-ref": f"clairscore-{name}",
        "name": f"clairscore-{name}",
        "version": version,
    }
    bom["components"] += debian()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(bom, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def debian() -> list[dict[str, object]]:
    """The packages that Debian's package manager knows of, as components."""
    listed = subprocess.run(
        ["dpkg-query", "--show", f"--showformat={_DEBIAN}"], check=True, capture_output=True, text=True
    )
    components: list[dict[str, object]] = []
    for line in sorted(listed.stdout.splitlines()):
        package, version, architecture, source = line.split("\t")
        purl = f"pkg:deb/debian/{package}@{version}?arch={architecture}"
        components.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": package,
                "version": version,
                "purl": purl,
                "properties": [{"name": "debian:source", "value": source}],
            }
        )
    return components


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
