"""Writes alerts.yaml, the rules of deploy/observability/rules as a resource of the Prometheus Operator.

Run ``python deploy/components/monitoring/alerts.py`` after a change of the rules; a test tells when it is due.
"""

from pathlib import Path

import yaml

_HERE = Path(__file__).parent
RULES = _HERE.parents[1] / "observability/rules"
ALERTS = _HERE / "alerts.yaml"


def render() -> str:
    """The text of alerts.yaml."""
    groups = [
        group
        for file in sorted(RULES.glob("*.yml"))
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    ]
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "clairscore", "namespace": "clairscore"},
        "spec": {"groups": groups},
    }
    text = yaml.safe_dump(resource, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made by alerts.py from ../../observability/rules: change it there.\n{text}"


if __name__ == "__main__":
    ALERTS.write_text(render(), encoding="utf-8")
