"""Every combination that a person may put together renders, is what Kubernetes expects, and keeps our rules."""

import pytest
from support.kubernetes.objects import of_kind
from support.kubernetes.policy import faults
from support.kubernetes.rendering import COMPONENTS, CUSTOM, VERSIONS, every_combination, schema_faults


@pytest.mark.parametrize(("base", "components"), list(every_combination()))
def test_a_combination_is_accepted(kustomize, base, components):
    objects = kustomize.render(base, components)
    for version in VERSIONS:
        assert schema_faults(objects, version) == []
    assert faults(objects) == []
    kinds = {each["kind"] for each in objects}
    for component, kind in zip(COMPONENTS[:3], ("NetworkPolicy", "ServiceMonitor", "Ingress"), strict=True):
        assert (kind in kinds) is (component in components)
    assert all(each["metadata"].get("namespace") == "clairscore" for each in objects if each["kind"] != "Namespace")


def test_custom_resources_have_the_shape_that_the_operator_expects(everything):
    kinds = {each["kind"] for each in everything if each["apiVersion"].startswith("monitoring.coreos.com/")}
    assert kinds == set(CUSTOM)
    (monitor,) = of_kind(everything, "ServiceMonitor")
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    labels = monitor["spec"]["selector"]["matchLabels"]
    watched = [each for each in of_kind(everything, "Service") if labels.items() <= each["metadata"]["labels"].items()]
    assert {each["metadata"]["name"] for each in watched} == {
        each["metadata"]["name"] for each in of_kind(everything, "Deployment")
    }
    for endpoint in monitor["spec"]["endpoints"]:
        assert all(endpoint["port"] in [port["name"] for port in each["spec"]["ports"]] for each in watched)
    # The label whose value becomes the job's name.
    assert all(each["metadata"]["labels"][monitor["spec"]["jobLabel"]] for each in watched)
    for rule in of_kind(everything, "PrometheusRule"):
        assert rule["apiVersion"] == "monitoring.coreos.com/v1"
        for group in rule["spec"]["groups"]:
            assert group["name"]
            assert all({"expr"} < each.keys() and ("alert" in each) != ("record" in each) for each in group["rules"])
