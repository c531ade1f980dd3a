"""Writes the Grafana dashboards, `dashboards/*.json`, from what is said here.

Run it after a change: `python deploy/observability/grafana/generate.py`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
_SOURCE = {"type": "prometheus", "uid": "clairscore"}
_COLUMNS = 24
_OURS = 'job=~".*(scoring|explain|embedding|portfolio|dashboard)"'


@dataclass(frozen=True)
class Panel:
    """One panel; ``kind`` is Grafana's, ``queries`` are PromQL with the legend of each, ``unit`` is Grafana's."""

    title: str
    queries: Sequence[tuple[str, str]]
    about: str = ""
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 8
    options: dict[str, Any] = field(default_factory=dict)
    # Where a value becomes worth a look (orange), and where it is bad (red).
    marks: tuple[float, float] | None = None
    stacked: bool = False

    @property
    def instant(self) -> bool:
        """Whether it shows the last value alone."""
        return self.kind in ("stat", "bargauge", "table")

    def json(self, number: int, x: int, y: int) -> dict[str, Any]:
        """As Grafana reads it."""
        steps = [{"color": "green", "value": None}]
        if self.marks:
            steps += [
                {"color": color, "value": value} for color, value in zip(("orange", "red"), self.marks, strict=True)
            ]
        custom = {"stacking": {"mode": "normal"}, "fillOpacity": 40} if self.stacked else {}
        return {
            "id": number,
            "title": self.title,
            "description": self.about,
            "type": self.kind,
            "datasource": _SOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {
                "defaults": {"unit": self.unit, "thresholds": {"mode": "absolute", "steps": steps}, "custom": custom},
                "overrides": [],
            },
            "options": self.options,
            "targets": [
                {
                    "refId": chr(ord("A") + k),
                    "datasource": _SOURCE,
                    "expr": query,
                    "legendFormat": legend,
                    "instant": self.instant,
                    "range": not self.instant,
                    "format": {"heatmap": "heatmap", "table": "table"}.get(self.kind, "time_series"),
                }
                for k, (query, legend) in enumerate(self.queries)
            ],
        }


@dataclass(frozen=True)
class Dashboard:
    """One dashboard; panels follow each other in rows of 24 columns."""

    name: str
    title: str
    panels: Sequence[Panel]

    def json(self) -> dict[str, Any]:
        """As Grafana reads it."""
        found, x, y, height = [], 0, 0, 0
        for number, panel in enumerate(self.panels, 1):
            if x + panel.width > _COLUMNS:
                x, y, height = 0, y + height, 0
            found.append(panel.json(number, x, y))
            x, height = x + panel.width, max(height, panel.height)
        return {
            "uid": f"clairscore-{self.name}",
            "title": self.title,
            "tags": ["clairscore"],
            "schemaVersion": 39,
            "version": 1,
            "editable": False,
            "timezone": "browser",
            "refresh": "30s",
            "time": {"from": "now-3h", "to": "now"},
            "links": [
                {
                    "type": "dashboards",
                    "tags": ["clairscore"],
                    "title": "Clairscore",
                    "asDropdown": False,
                    "keepTime": True,
                }
            ],
            "panels": found,
        }


def _stat(title: str, query: str, **more: Any) -> Panel:
    return Panel(title, [(query, "")], kind="stat", width=4, height=4, **more)


OVERVIEW = Dashboard(
    "overview",
    "Clairscore: services",
    [
        _stat("Instances that answer", f"sum(up{{{_OURS}}})"),
        _stat("Instances that do not", f"count(up{{{_OURS}}} == 0) or vector(0)", marks=(1, 1)),
        _stat("Calls a second", "sum(clairscore:calls:rate5m)", unit="reqps"),
        _stat(
            "Calls that fail",
            "(sum(clairscore:calls_failed:ratio5m * clairscore:calls:rate5m) or vector(0)) "
            "/ sum(clairscore:calls:rate5m)",
            unit="percentunit",
            marks=(0.01, 0.05),
        ),
        _stat("Calls in flight", "sum(grpc_server_in_flight)", marks=(20, 50)),
        _stat("Alerts that fire", 'count(ALERTS{alertstate="firing"}) or vector(0)', marks=(1, 3)),
        Panel("Calls", [("sum by (job) (rate(grpc_server_handled_total[5m]))", "{{job}}")], unit="reqps"),
        Panel(
            "Calls that fail",
            [
                (
                    'sum by (grpc_method, grpc_code) (rate(grpc_server_handled_total{grpc_code!="OK"}[5m]))',
                    "{{grpc_method}} {{grpc_code}}",
                )
            ],
            "By status; NOT_FOUND and INVALID_ARGUMENT are the caller's fault.",
            unit="reqps",
        ),
        Panel(
            "Time of a call",
            [
                (
                    f"histogram_quantile({share}, sum by (job, le) (rate(grpc_server_handling_seconds_bucket[5m])))",
                    f"{{{{job}}}} {name}",
                )
                for share, name in ((0.5, "median"), (0.95, "95 %"))
            ],
            "Median, and what one call in twenty takes or more.",
            unit="s",
        ),
        Panel(
            "Time of a call by method, 95 %",
            [("topk(12, clairscore:call_seconds:p95_5m)", "{{grpc_method}}")],
            unit="s",
            width=12,
        ),
        Panel("Calls in flight", [("sum by (job) (grpc_server_in_flight)", "{{job}}")], width=12),
        Panel("Memory", [(f"process_resident_memory_bytes{{{_OURS}}}", "{{job}} {{instance}}")], unit="bytes"),
        Panel("Processor", [(f"rate(process_cpu_seconds_total{{{_OURS}}}[5m])", "{{job}} {{instance}}")], "In cores."),
        Panel("Texts that wait for embedding", [("clairscore_embedding_waiting_texts", "{{instance}}")]),
    ],
)

MODEL = Dashboard(
    "model",
    "Clairscore: model",
    [
        Panel(
            "Live model",
            [
                ('count by (job, version) (clairscore_model_info{version!=""})', ""),
                (
                    "label_replace(count by (job, model_version) (clairscore_portfolio_publication_info), "
                    '"version", "$1", "model_version", "(.*)")',
                    "",
                ),
            ],
            "Scoring, explain and portfolio must show the same version; embedding has a classifier of its own.",
            kind="table",
            width=8,
            height=4,
        ),
        _stat(
            "Age of the publication",
            "time() - max(clairscore_portfolio_published_timestamp_seconds)",
            unit="s",
            marks=(30 * 86400, 35 * 86400),
        ),
        _stat(
            "Portfolio explained",
            "max(clairscore_explain_portfolio_clients_done) / max(clairscore_explain_portfolio_clients)",
            unit="percentunit",
        ),
        _stat(
            "Explanations that did not add up, 24 h",
            "sum(increase(clairscore_explain_not_additive_total[1d]))",
            marks=(1, 1),
        ),
        _stat("Models refused, 24 h", "sum(increase(clairscore_model_load_failures_total[1d]))", marks=(1, 1)),
        Panel(
            "Scores that were given",
            [("sum by (le) (increase(clairscore_scoring_probability_of_repayment_bucket[5m]))", "{{le}}")],
            "Probability of repayment, simulations of officers included; the colour: scores in five minutes.",
            kind="heatmap",
            width=12,
            options={"calculate": False, "yAxis": {"unit": "percentunit"}},
        ),
        Panel(
            "Decisions that were proposed",
            [("sum by (decision) (rate(clairscore_scoring_decisions_total[5m])) * 60", "{{decision}}")],
            "A minute.",
            width=12,
            stacked=True,
        ),
        Panel(
            "Share of accepted clients",
            [
                (
                    'sum(rate(clairscore_scoring_decisions_total{decision="accept"}[15m])) '
                    "/ sum(rate(clairscore_scoring_decisions_total[15m]))",
                    "last quarter of an hour",
                ),
                ("clairscore:accepted:ratio1d", "last day"),
            ],
            unit="percentunit",
        ),
        Panel(
            "Mean probability of repayment",
            [("clairscore:probability_of_repayment:mean1h", "last hour")],
            unit="percentunit",
        ),
        Panel(
            "Drift of the publication",
            [("sort_desc(max by (feature) (clairscore_explain_drift_psi))", "{{feature}}")],
            "Population stability index of the publication's clients without outcome against the training clients, by "
            "the bins of the model's card: the score, and the features that had drifted most when it was trained. "
            "Below 0.1 nothing has happened, from 0.25 on the model needs a review.",
            kind="bargauge",
            options={"orientation": "horizontal", "displayMode": "basic"},
            marks=(0.1, 0.25),
        ),
    ],
)

DASHBOARD = Dashboard(
    "dashboard",
    "Clairscore: dashboard of the officers",
    [
        _stat("Pages that are open", "sum(clairscore_dashboard_sessions)"),
        _stat("Pages opened, 24 h", "round(sum(increase(clairscore_dashboard_pages_opened_total[1d])))"),
        _stat(
            "Time until a page is drawn, 95 %",
            "histogram_quantile(0.95, sum by (le) (rate(clairscore_dashboard_draw_seconds_bucket[1h])))",
            unit="s",
            marks=(3, 5),
        ),
        _stat(
            "Calls that fail",
            "max(clairscore:dashboard_calls_failed:ratio5m) or vector(0)",
            unit="percentunit",
            marks=(0.01, 0.05),
        ),
        _stat("Memory", 'sum(process_resident_memory_bytes{job=~".*dashboard"})', unit="bytes"),
        _stat("Processor", 'sum(rate(process_cpu_seconds_total{job=~".*dashboard"}[5m]))', about="In cores."),
        Panel(
            "Pages that are open",
            [("sum by (page) (clairscore_dashboard_sessions)", "{{page}}")],
            "Those that were left not long ago included.",
            stacked=True,
        ),
        Panel(
            "Pages opened a minute",
            [("sum by (page) (rate(clairscore_dashboard_pages_opened_total[5m])) * 60", "{{page}}")],
        ),
        Panel(
            "Time until a page is drawn, 95 %",
            [
                (
                    "histogram_quantile(0.95, sum by (page, le) (rate(clairscore_dashboard_draw_seconds_bucket[15m])))",
                    "{{page}}",
                )
            ],
            "From the beginning of its making until the browser has drawn it.",
            unit="s",
        ),
        Panel(
            "Time of a call, as the dashboard waits for it, 95 %",
            [
                (
                    "topk(12, histogram_quantile(0.95, sum by (grpc_method, le) "
                    '(rate(grpc_client_handling_seconds_bucket{job=~".*dashboard"}[5m]))))',
                    "{{grpc_method}}",
                )
            ],
            unit="s",
            width=12,
        ),
        Panel(
            "Calls that fail",
            [
                (
                    'sum by (grpc_method, grpc_code) (rate(grpc_client_handled_total{job=~".*dashboard",grpc_code!~'
                    '"OK|CANCELLED"}[5m])) * 60',
                    "{{grpc_method}} {{grpc_code}}",
                )
            ],
            "A minute. FAILED_PRECONDITION and UNAVAILABLE are usual while a publication is being explained.",
            width=12,
        ),
    ],
)

DASHBOARDS = (OVERVIEW, MODEL, DASHBOARD)


def written(dashboard: Dashboard) -> str:
    """A dashboard's file."""
    return json.dumps(dashboard.json(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for one in DASHBOARDS:
        (FOLDER / f"{one.name}.json").write_text(written(one))
