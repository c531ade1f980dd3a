"""The checks find what they are there for: each fault, put into good manifests, is named."""

import copy

import pytest
from support.kubernetes.objects import named, template
from support.kubernetes.policy import faults
from support.kubernetes.rendering import COMPONENTS, VERSIONS, schema_faults


def spec(objects, name="scoring", kind="Deployment"):
    return template(named(objects, kind, name))["spec"]


def container(objects, name="scoring", kind="Deployment"):
    return spec(objects, name, kind)["containers"][0]


def _set(target, key, value):
    target[key] = value


_FAULTS = {
    "Pod Security is not enforced": lambda o: named(o, "Namespace", "clairscore")["metadata"]["labels"].clear(),
    "Deployment scoring: may run as root": lambda o: spec(o)["securityContext"].pop("runAsNonRoot"),
    "Job migrate: may run as root": lambda o: _set(spec(o, "migrate", "Job")["securityContext"], "runAsUser", 0),
    "no seccomp profile": lambda o: spec(o, "training", "CronJob")["securityContext"].pop("seccompProfile"),
    "shares a namespace of its node": lambda o: _set(spec(o), "hostNetwork", True),
    "is of a kind that is not allowed": lambda o: spec(o)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
    "volume tmp has no limit": lambda o: spec(o)["volumes"][0].update(name="tmp", emptyDir={}),
    "may gain rights": lambda o: container(o)["securityContext"].pop("allowPrivilegeEscalation"),
    "keeps capabilities": lambda o: _set(container(o)["securityContext"], "capabilities", {"add": ["NET_ADMIN"]}),
    "may write on its root": lambda o: _set(container(o)["securityContext"], "readOnlyRootFilesystem", False),
    "gives its token away": lambda o: named(o, "ServiceAccount", "clairscore").pop("automountServiceAccountToken"),
    "CronJob training: has a token": lambda o: spec(o, "training", "CronJob").pop("automountServiceAccountToken"),
    "has the namespace's account": lambda o: spec(o).pop("serviceAccountName"),
    "image clairscore/scoring has no version": lambda o: _set(container(o), "image", "clairscore/scoring"),
    "image host:5000/scoring has no version": lambda o: _set(container(o), "image", "host:5000/scoring"),
    "image scoring:latest has no version": lambda o: _set(container(o), "image", "scoring:latest"),
    "requests neither CPU nor memory": lambda o: container(o)["resources"]["requests"].pop("cpu"),
    "no limit of memory or disk": lambda o: container(o)["resources"]["limits"].pop("memory"),
    "no startup probe": lambda o: container(o).pop("startupProbe"),
    "no readiness probe": lambda o: container(o, "dashboard").pop("readinessProbe"),
    "the liveness probe asks {'port': 50051}": lambda o: container(o)["livenessProbe"]["grpc"].pop("service"),
    "the readiness probe asks None": lambda o: _set(container(o), "readinessProbe", {"tcpSocket": {"port": 50051}}),
    "has less than 60 s to start": lambda o: _set(container(o)["startupProbe"], "failureThreshold", 3),
    "is stopped while names still give": lambda o: container(o).pop("lifecycle"),
    "is killed after 20 s": lambda o: _set(spec(o), "terminationGracePeriodSeconds", 20),
    "an update takes replicas away first": lambda o: named(o, "Deployment", "scoring")["spec"].pop("strategy"),
    "there is no ConfigMap settings": lambda o: container(o)["envFrom"].append({"configMapRef": {"name": "settings"}}),
    "there is no PersistentVolumeClaim explanations": lambda o: o.remove(
        named(o, "PersistentVolumeClaim", "explanations")
    ),
    "which is not among its volumes": lambda o: spec(o)["volumes"].clear(),
    "0 Deployments are behind it": lambda o: named(o, "Service", "scoring")["spec"]["selector"].update(tier="x"),
    "nobody listens on web": lambda o: _set(named(o, "Service", "dashboard")["spec"]["ports"][0], "targetPort", "web"),
    "is not headless": lambda o: named(o, "Service", "portfolio")["spec"].pop("clusterIP"),
    "scales nothing": lambda o: _set(
        named(o, "HorizontalPodAutoscaler", "scoring")["spec"]["scaleTargetRef"], "name", "x"
    ),
    "says how many replicas": lambda o: _set(named(o, "Deployment", "scoring")["spec"], "replicas", 2),
    "one replica is enough": lambda o: _set(named(o, "HorizontalPodAutoscaler", "scoring")["spec"], "minReplicas", 1),
    "does not let one replica go": lambda o: named(o, "PodDisruptionBudget", "scoring")["spec"].update(
        maxUnavailable=0
    ),
    "has not one disruption budget": lambda o: o.remove(named(o, "PodDisruptionBudget", "scoring")),
    "all its replicas may be on one node": lambda o: spec(o).pop("topologySpreadConstraints"),
    "may run twice at a time": lambda o: named(o, "CronJob", "training")["spec"].pop("concurrencyPolicy"),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_is_named(everything, fault):
    objects = copy.deepcopy(everything)
    assert faults(objects) == []
    _FAULTS[fault](objects)
    assert any(fault in found for found in faults(objects)), faults(objects)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "plant",
    [
        lambda o: _set(named(o, "Deployment", "scoring")["spec"], "replicas", "three"),
        lambda o: _set(container(o), "readyProbe", {}),
        lambda o: container(o).pop("name"),
        lambda o: _set(named(o, "CronJob", "training")["spec"], "schedule", 5),
        lambda o: _set(named(o, "NetworkPolicy", "deny-all")["spec"], "policyTypes", "Ingress"),
    ],
)
def test_what_kubernetes_would_refuse_is_found(everything, version, plant):
    objects = copy.deepcopy(everything)
    assert schema_faults(objects, version) == []
    plant(objects)
    assert len(schema_faults(objects, version)) == 1


def test_a_component_that_does_not_fit_is_refused(kustomize):
    file = kustomize.deploy / "components/ingress/kustomization.yaml"
    good = file.read_text(encoding="utf-8")
    try:
        file.write_text(good.replace("name: dashboard}\n    patch", "name: board}\n    patch"), encoding="utf-8")
        with_fault = kustomize.render("base", ["ingress"])
        assert "annotations" not in named(with_fault, "Service", "dashboard")["metadata"]
        file.write_text(good.replace("behavior: merge", "behavior: create"), encoding="utf-8")
        with pytest.raises(ValueError, match="dashboard"):
            kustomize.render("base", COMPONENTS[2:3])
    finally:
        file.write_text(good, encoding="utf-8")
