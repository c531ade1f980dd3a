"""The manifests say what the code says: settings, commands, metrics and alerts."""

import re
import runpy
from pathlib import Path

import prometheus_client
import pytest
import typer.main
from support.kubernetes.objects import containers, named, of_kind, title, workloads

import services.common.interceptors  # noqa: F401 - registers the metrics of every service
from cli.main import app
from cli.publish import PublishSettings
from frontend.settings import DashboardSettings
from services.embedding.settings import EmbeddingSettings
from services.explain.settings import ExplainSettings
from services.portfolio.settings import PortfolioSettings
from services.scoring.settings import ScoringSettings

_ROOT = Path(__file__).parents[3]
_SETTINGS = (
    ScoringSettings,
    ExplainSettings,
    EmbeddingSettings,
    PortfolioSettings,
    DashboardSettings,
    PublishSettings,
)
_PORTS = {"scoring": ScoringSettings, "explain": ExplainSettings, "embedding": EmbeddingSettings}
_PORTS["portfolio"] = PortfolioSettings


@pytest.fixture(scope="session")
def rendered(kustomize, everything):
    return everything + kustomize.render("overlays/local")


def test_every_setting_is_one_that_the_code_reads(rendered):
    known = {f"CLAIRSCORE_{name.upper()}" for settings in _SETTINGS for name in settings.model_fields}
    given = {key for each in of_kind(rendered, "ConfigMap") for key in each["data"]}
    given |= {
        variable["name"]
        for each in workloads(rendered)
        for container in containers(each)
        for variable in container.get("env", ())
    }
    assert given >= {"CLAIRSCORE_DRAIN_SECONDS", "CLAIRSCORE_DASHBOARD_ORIGINS"}
    assert given - known == {"DATABASE_URL"}


def test_every_command_and_option_exists(rendered):
    commands = typer.main.get_command(app)
    context = commands.make_context("clairscore", ["--help"], resilient_parsing=True)
    for each in workloads(rendered):
        for container in containers(each):
            name, *arguments = container["args"]
            command = commands.get_command(context, name)
            assert command is not None, f"{title(each)}: there is no command {name}"
            options = {option for parameter in command.params for option in parameter.opts}
            assert {argument for argument in arguments if argument.startswith("--")} <= options, title(each)


@pytest.mark.parametrize("service", _PORTS)
def test_ports_are_the_services_own(everything, service):
    ports = named(everything, "Service", service)["spec"]["ports"]
    expected = _PORTS[service]().port
    assert {port["name"]: port["port"] for port in ports} == {"grpc": expected, "metrics": expected + 1000}


def test_replicas_follow_a_metric_that_the_services_give(rendered):
    given = {metric.name for metric in prometheus_client.REGISTRY.collect()}
    wanted = {
        metric["pods"]["metric"]["name"]
        for each in of_kind(rendered, "HorizontalPodAutoscaler")
        for metric in each["spec"]["metrics"]
        if metric["type"] == "Pods"
    }
    assert wanted == {"grpc_server_in_flight"}
    assert wanted <= given


def test_one_version_everywhere(rendered):
    project = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)[1]
    images = {container["image"] for each in workloads(rendered) for container in containers(each)}
    assert len(images) == 6
    assert {image.partition(":")[2] for image in images} == {version}


def test_the_clusters_alerts_are_those_of_the_rules():
    made = runpy.run_path(str(_ROOT / "deploy/components/monitoring/alerts.py"))
    assert made["ALERTS"].read_text(encoding="utf-8") == made["render"](), "run deploy/components/monitoring/alerts.py"
