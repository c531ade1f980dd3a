"""The network policies allow each pair that calls, both ways, and no other."""

import copy

import pytest
from support.kubernetes import network
from support.kubernetes.objects import containers, of_kind, template, workloads

from frontend.settings import DashboardSettings
from services.embedding.settings import EmbeddingSettings
from services.explain.settings import ExplainSettings
from services.portfolio.settings import PortfolioSettings
from services.scoring.settings import ScoringSettings

_SETTINGS = {
    "scoring": ScoringSettings,
    "explain": ExplainSettings,
    "embedding": EmbeddingSettings,
    "portfolio": PortfolioSettings,
    "dashboard": DashboardSettings,
}


def test_workloads_are_given_exactly_the_addresses_that_their_code_calls(everything):
    expected = {
        (name, field.removesuffix("_address"), _SETTINGS[field.removesuffix("_address")]().port)
        for name, settings in _SETTINGS.items()
        for field in settings.model_fields
        if field.endswith("_address")
    }
    assert len(expected) == 5
    assert network.called(everything) == expected


def test_each_pair_is_allowed_at_both_ends_and_no_other(everything):
    assert network.denies_all(everything)
    assert network.allowed_in(everything) == network.called(everything)
    assert network.allowed_out(everything) == network.called(everything)


def test_who_has_the_databases_address_reaches_it_and_nobody_else(everything):
    users = {
        template(each)["metadata"]["labels"]["app.kubernetes.io/name"]
        for each in workloads(everything)
        for container in containers(each)
        if any(variable["name"] == "DATABASE_URL" for variable in container.get("env", ()))
    }
    assert users == {"portfolio", "training", "migrate"}
    assert network.allowed_elsewhere(everything, "egress", 5432) == users


def test_every_pod_may_look_up_names_and_who_has_metrics_is_read(everything):
    assert network.allowed_elsewhere(everything, "egress", 53) == {
        each["metadata"]["name"] for each in workloads(everything)
    }
    served = {each["metadata"]["name"] for each in of_kind(everything, "Deployment")}
    assert network.allowed_elsewhere(everything, "ingress", "metrics") == served
    assert network.allowed_elsewhere(everything, "egress", 4317) == served
    assert network.allowed_elsewhere(everything, "ingress", "http") == {"dashboard"}


@pytest.mark.parametrize("policy", ["scoring-from-callers", "portfolio-from-callers", "explain-to-services"])
def test_a_pair_that_is_not_allowed_is_noticed(everything, policy):
    left = [each for each in everything if each["metadata"]["name"] != policy]
    assert network.called(left) != network.allowed_in(left) or network.called(left) != network.allowed_out(left)


def test_a_pair_that_nobody_needs_is_noticed(everything):
    objects = copy.deepcopy(everything)
    (policy,) = [each for each in objects if each["metadata"]["name"] == "scoring-from-callers"]
    policy["spec"]["ingress"][0]["from"].append(
        {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "embedding"}}}
    )
    assert network.allowed_in(objects) - network.called(objects) == {("embedding", "scoring", 50051)}
