"""What every image of ours must be, as one list of what is wrong with it."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.containers.engine import Engine

_ROOT = Path(__file__).parents[3]
_LOCKS = _ROOT / "deploy/images/locks"
_USER = "10001:10001"
_TOOLS = ("cc", "curl", "gcc", "git", "make", "nc", "pip", "pip3", "ssh", "uv", "wget")
# Never in an image that serves; and a model's training library only where models are explained.
_FOREIGN = {"pip", "pyspark", "sentence-transformers", "setuptools", "torch", "transformers"}
_LIGHTGBM = {"explain", "pipeline"}
# Largest sizes in MB (10^6 bytes, unpacked), a little above what they are.
SIZES = {"scoring": 580, "explain": 980, "embedding": 360, "portfolio": 560, "dashboard": 960, "pipeline": 840}
# What each does its work with, which must be importable with the packages that it has.
_MODULES = {part: f"services.{part}.serve" for part in ("scoring", "explain", "embedding", "portfolio")} | {
    "dashboard": "frontend.app",
    "pipeline": "pipeline.training.train",
}
# Runs inside; prints what only the inside knows. On a writable root, so that it is the permissions that are looked at.
_LOOK = """
import importlib, json, os, shutil, sys
try:
    importlib.import_module(sys.argv.pop(1))
    missing = None
except (ImportError, OSError) as error:
    missing = str(error)
allowed = ("/srv/clairscore/var", "/run/secrets", "/tmp", "/var/tmp", "/run/lock", "/proc", "/sys", "/dev")
writable = []
for folder, folders, files in os.walk("/"):
    if folder.startswith(allowed):
        folders.clear()
        continue
    for name in (*folders, *files):
        path = os.path.join(folder, name)
        if not path.startswith(allowed) and not os.path.islink(path) and os.access(path, os.W_OK):
            writable.append(path)
bom = "/usr/share/clairscore/sbom.cdx.json"
print(json.dumps({
    "missing": missing,
    "uid": os.getuid(),
    "writable": writable[:5],
    "tools": [tool for tool in sys.argv[1:] if shutil.which(tool)],
    "sbom": json.load(open(bom)) if os.path.exists(bom) else None,
}))
"""


def faults(engine: Engine, image: str, part: str, revision: str) -> list[str]:
    """What is wrong with the image of a part; empty: nothing.

    Args:
        engine: has the image.
        image: its name.
        part: the part that it is of.
        revision: the commit that its label should name.
    """
    described = json.loads(engine.docker("image", "inspect", image))[0]
    looked = json.loads(
        engine.docker(
            *("run", "--rm", "--network=none", "--cap-drop=ALL", "--entrypoint=python", image, "-c", _LOOK),
            _MODULES[part],
            *_TOOLS,
        )
    )
    return [
        *_configuration(described["Config"], part, revision),
        *_size(described["Size"], part),
        *_inside(looked),
        *_bill(looked["sbom"], part),
    ]


def locked(part: str) -> dict[str, str]:
    """The versions of a part's lock, by package."""
    pins = re.findall(r"^(\S+==\S+?)(?:\s*;[^\\]*)?\s*\\?$", (_LOCKS / f"{part}.txt").read_text(), re.MULTILINE)
    requirements = [Requirement(pin) for pin in pins]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in requirements}


def version() -> str:
    """The project's version."""
    return str(tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["version"])


def _configuration(config: dict[str, Any], part: str, revision: str) -> list[str]:
    found = []
    if config["User"] != _USER:
        found.append(f"runs as {config['User'] or 'root'}, not as {_USER}")
    if config["Entrypoint"] != ["clairscore"]:
        found.append(f"starts {config['Entrypoint']}")
    labels = config["Labels"] or {}
    wanted = {"title": f"clairscore-{part}", "version": version(), "revision": revision}
    for name, value in wanted.items():
        said = labels.get(f"org.opencontainers.image.{name}")
        if said != value:
            found.append(f"label {name} is {said}, not {value}")
    health = (config.get("Healthcheck") or {}).get("Test", ["NONE"])
    if (health == ["NONE"]) != (part == "pipeline"):
        found.append(f"health check is {health}")
    return found


def _size(size: int, part: str) -> list[str]:
    return [f"takes {size / 1e6:.0f} MB, more than {SIZES[part]}"] if size > SIZES[part] * 1e6 else []


def _inside(looked: dict[str, Any]) -> list[str]:
    found = []
    if looked["missing"]:
        found.append(f"cannot do its work: {looked['missing']}")
    if looked["uid"] == 0:
        found.append("its process is root's")
    if looked["writable"]:
        found.append(f"its user can write {', '.join(looked['writable'])}")
    if looked["tools"]:
        found.append(f"has tools that it does not need: {', '.join(looked['tools'])}")
    return found


def _bill(bom: dict[str, Any] | None, part: str) -> list[str]:
    if bom is None:
        return ["has no bill of materials"]
    found = []
    if (bom["bomFormat"], bom["specVersion"]) != ("CycloneDX", "1.6"):
        found.append("its bill of materials is not CycloneDX 1.6")
    described = bom["metadata"]["component"]
    if (described["name"], described["version"]) != (f"clairscore-{part}", version()):
        found.append(f"its bill of materials is of {described['name']} {described['version']}")
    python = {
        canonicalize_name(one["name"]): one["version"]
        for one in bom["components"]
        if not one.get("purl", "").startswith("pkg:deb/")
    }
    expected = locked(part) | {"clairscore": version()}
    if python != expected:
        differ = sorted(name for name in python.keys() | expected.keys() if python.get(name) != expected.get(name))
        found.append(f"its packages are not those of its lock: {', '.join(differ)}")
    foreign = _FOREIGN | (set() if part in _LIGHTGBM else {"lightgbm"})
    if foreign & python.keys():
        found.append(f"holds {', '.join(sorted(foreign & python.keys()))}")
    if not any(one.get("purl", "").startswith("pkg:deb/debian/libc6@") for one in bom["components"]):
        found.append("its bill of materials leaves Debian's packages out")
    return found
