"""The dashboards are those of their generator, and Grafana can show them as they are."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

_GRAFANA = Path(__file__).parents[3] / "deploy" / "observability" / "grafana"
_FILES = sorted((_GRAFANA / "dashboards").glob("*.json"))


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_dashboards", _GRAFANA / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_files_are_current(generator: ModuleType) -> None:
    assert {file.stem: file.read_text() for file in _FILES} == {
        one.name: generator.written(one) for one in generator.DASHBOARDS
    }


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_panels_lie_side_by_side_and_have_their_source(file: Path) -> None:
    source = yaml.safe_load((_GRAFANA / "provisioning" / "datasources" / "clairscore.yml").read_text())["datasources"][
        0
    ]
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(file.read_text())["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
        assert panel["datasource"] == {"type": source["type"], "uid": source["uid"]}
        assert panel["targets"]
    assert len({panel["id"] for panel in json.loads(file.read_text())["panels"]}) > 5
