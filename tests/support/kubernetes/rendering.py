"""Renders the kustomizations of ``deploy/`` and validates them against Kubernetes' own schemas."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

_ROOT = Path(__file__).parents[3]
_FETCHED = _ROOT / "var/test-deploy/kubectl"

Object = dict[str, Any]

# The oldest version whose users are served (native sleep before SIGTERM), and the newest that the schemas know.
VERSIONS = ("1.30", "1.37")
COMPONENTS = ("network-policy", "monitoring", "ingress", "object-store")
# Custom resources have no schema there.
CUSTOM = ("ServiceMonitor", "PrometheusRule")


def every_combination() -> Iterator[tuple[str, tuple[str, ...]]]:
    """What can be put together: a base or overlay, and any of the components that go with it."""
    yield "migration", ()
    for base, components in (
        ("base", COMPONENTS),
        ("overlays/local", COMPONENTS[:3]),
        ("overlays/production", COMPONENTS),
    ):
        for count in range(len(components) + 1):
            for chosen in combinations(components, count):
                yield base, chosen


def find_kubectl() -> str:
    """Returns a kubectl that knows kustomize's components; skips the test where there is none."""
    found = [program for program in (shutil.which("kubectl"), str(_FETCHED)) if program and Path(program).exists()]
    for program in found:
        said = subprocess.run(
            [program, "version", "--client", "--output=json"], capture_output=True, text=True, check=False
        )
        if said.returncode == 0 and json.loads(said.stdout).get("kustomizeVersion", "v0") >= "v4":
            return program
    return pytest.skip(
        f"no kubectl with kustomize 4 or later on PATH or as {_FETCHED.relative_to(_ROOT)}"
        + (f" (too old: {', '.join(found)})" if found else "")
    )


class Kustomize:
    """Renders combinations from a copy of ``deploy/``, into which a test may put faults."""

    def __init__(self, kubectl: str, folder: Path) -> None:
        self.deploy = folder / "deploy"
        self._kubectl = kubectl
        shutil.copytree(_ROOT / "deploy", self.deploy)

    def render(self, base: str, components: Iterable[str] = ()) -> list[Object]:
        """Returns the objects of a base or overlay with components.

        Raises:
            ValueError: kustomize refuses them; with its words.
        """
        lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", f"resources: [../{base}]"]
        lines.append(f"components: [{', '.join(f'../components/{name}' for name in components)}]")
        place = self.deploy / "rendered"
        place.mkdir(exist_ok=True)
        (place / "kustomization.yaml").write_text("\n".join(lines), encoding="utf-8")
        done = subprocess.run([self._kubectl, "kustomize", place], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ValueError(done.stderr.strip())
        return list(yaml.safe_load_all(done.stdout))


def schema_faults(objects: Iterable[Object], version: str) -> list[str]:
    """What Kubernetes of that version would refuse, unknown fields included."""
    return [
        fault
        for each in objects
        if each["kind"] not in CUSTOM and (fault := _schema_fault(json.dumps(each, sort_keys=True), version))
    ]


@cache
def _schema_fault(text: str, version: str) -> str | None:
    validating = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    each = json.loads(text)
    try:
        validating.validate(each, version, strict=True)
    except validating.ValidationError as error:
        return f"{each['kind']} {each['metadata']['name']}: {error.message}"
    return None
