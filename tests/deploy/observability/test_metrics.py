"""What rules and dashboards ask for is what the running services show, by the names and labels that they use.

All of it needs the whole stack as processes, which takes half a minute to come up.
"""

import json
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from support.promql import grouped, selected

_ROOT = Path(__file__).parents[3]
_OBSERVABILITY = _ROOT / "deploy" / "observability"
_GROUPS = yaml.safe_load((_OBSERVABILITY / "rules" / "clairscore.yml").read_text())["groups"]
_RULES = [rule for group in _GROUPS for rule in group["rules"]]
_DASHBOARDS = sorted((_OBSERVABILITY / "grafana" / "dashboards").glob("*.json"))
_PANELS = [
    pytest.param(target["expr"], id=f"{file.stem}: {panel['title']} {target['refId']}")
    for file in _DASHBOARDS
    for panel in json.loads(file.read_text())["panels"]
    for target in panel["targets"]
]
_ADDED = frozenset(("job", "instance", "le", "alertstate"))
_PROMETHEUS_OWN = {"up": frozenset(("job", "instance")), "ALERTS": frozenset(("alertname", "alertstate"))}
_SAMPLES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
_LABEL = re.compile(r'(\w+)="')


@pytest.fixture(scope="module")
def shown(monitored) -> dict[str, frozenset[str]]:
    """Every metric of every part, with its labels; a metric that has no sample yet has none."""
    found: dict[str, set[str]] = {}
    for address in monitored.addresses.values():
        with urlopen(f"http://{address}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        for line in lines:
            match line.split(" "):
                case ["#", "TYPE", name, kind]:
                    for suffix in _SAMPLES[kind]:
                        found.setdefault(
                            name.removesuffix("_total") + suffix if kind == "counter" else name + suffix, set()
                        )
                case [sample, _value]:
                    name, _, labels = sample.partition("{")
                    found.setdefault(name, set()).update(_LABEL.findall(labels))
    return {name: frozenset(labels) for name, labels in found.items()} | _PROMETHEUS_OWN


def _wrong(query: str, shown: dict[str, frozenset[str]]) -> list[str]:
    """What of a query nobody shows."""
    recorded = {rule["record"] for rule in _RULES if "record" in rule}
    faults = []
    labels = set(_ADDED)
    for name, asked in selected(query):
        if name in recorded:
            (rule,) = (rule for rule in _RULES if rule.get("record") == name)
            labels |= grouped(rule["expr"])
        elif name not in shown:
            faults.append(f"no part shows {name}")
        else:
            labels |= shown[name]
            faults += [f"{name} has no label {label}" for label in asked - shown[name] - _ADDED]
    # label_replace makes one.
    labels |= set(re.findall(r'label_replace\(.*?"(\w+)"', query))
    faults += [f"nothing has the label {label}: {query}" for label in grouped(query) - labels]
    return faults


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [pytest.param(rule["expr"], id=rule.get("record") or rule["alert"]) for rule in _RULES]
)
def test_a_rule_asks_for_what_is_shown(query, shown) -> None:
    """Slow as the module says."""
    assert _wrong(query, shown) == []


@pytest.mark.slow
@pytest.mark.parametrize("query", _PANELS)
def test_a_panel_asks_for_what_is_shown(query, shown) -> None:
    """Slow as the module says."""
    assert _wrong(query, shown) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "rate(grpc_server_handeled_total[5m])",
        'sum by (grpc_method) (rate(grpc_server_handled_total{code!="OK"}[5m]))',
        "sum by (method) (rate(grpc_server_handled_total[5m]))",
        "sum by (page) (clairscore:calls:rate5m)",
        "clairscore:calls:rate1h",
    ],
)
def test_a_planted_fault_is_noticed(query, shown) -> None:
    """Slow as the module says."""
    assert _wrong(query, shown)


@pytest.mark.slow
def test_prometheus_reads_every_part_and_computes_every_rule(monitored, prometheus) -> None:
    """Slow as the module says."""
    assert len(prometheus.wait_for("count(up == 1) == 5")) == 1
    # An increase is of what happens while Prometheus reads: another client is scored.
    urlopen(f"{monitored.stack.url}?client=100001", timeout=60).close()
    for recorded in ("clairscore:call_seconds:p95_5m > 0", "clairscore:probability_of_repayment:mean1h"):
        prometheus.wait_for(recorded)
    (drifted,) = prometheus.wait_for('clairscore_explain_drift_psi{feature="score"}')
    assert float(drifted["value"][1]) >= 0
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert {rule["name"] for rule in rules} == {rule.get("record") or rule["alert"] for rule in _RULES}
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []


@pytest.mark.slow
@pytest.mark.parametrize("query", _PANELS)
def test_prometheus_answers_every_panel(query, prometheus) -> None:
    """Slow as the module says."""
    prometheus.wait_for("clairscore:calls:rate5m")
    assert isinstance(prometheus.query(query), list)
