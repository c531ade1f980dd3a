"""What we ask of our manifests beyond their schema. Each rule gives the faults that it finds, named."""

from collections.abc import Callable, Iterator, Sequence

from support.kubernetes.objects import containers, of_kind, selects, template, title, workloads
from support.kubernetes.rendering import Object

_VOLUMES = {"emptyDir", "persistentVolumeClaim", "configMap", "secret"}
# Made by hand, or by something else in the cluster.
_EXTERNAL = {("Secret", "database"), ("Secret", "object-store"), ("Secret", "dashboard-tls")}
_START_SECONDS = 60

Rule = Callable[[Sequence[Object]], Iterator[str]]


def faults(objects: Sequence[Object]) -> list[str]:
    """Everything that any rule finds."""
    return [fault for rule in _RULES for fault in rule(objects)]


def _restricted(objects: Sequence[Object]) -> Iterator[str]:
    """Pod Security "restricted" and a root that is read only."""
    for space in of_kind(objects, "Namespace"):
        if space["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{title(space)}: Pod Security is not enforced"
    for each in workloads(objects):
        spec = template(each)["spec"]
        context = spec.get("securityContext", {})
        if not context.get("runAsNonRoot") or context.get("runAsUser") != 10001:
            yield f"{title(each)}: may run as root"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{title(each)}: no seccomp profile"
        if any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{title(each)}: shares a namespace of its node"
        for volume in spec.get("volumes", ()):
            if not volume.keys() - {"name"} <= _VOLUMES:
                yield f"{title(each)}: volume {volume['name']} is of a kind that is not allowed"
            if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
                yield f"{title(each)}: volume {volume['name']} has no limit"


def _contained(objects: Sequence[Object]) -> Iterator[str]:
    """The same for each container."""
    for each in workloads(objects):
        for container in containers(each):
            where, own = f"{title(each)}, {container['name']}", container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
                yield f"{where}: may gain rights"
            if own.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{where}: keeps capabilities"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{where}: may write on its root"
            if own.keys() & {"runAsUser", "runAsNonRoot", "seccompProfile"}:
                yield f"{where}: has a user or profile of its own"


def _tokens(objects: Sequence[Object]) -> Iterator[str]:
    for each in of_kind(objects, "ServiceAccount"):
        if each.get("automountServiceAccountToken") is not False:
            yield f"{title(each)}: gives its token away"
    for each in workloads(objects):
        if template(each)["spec"].get("automountServiceAccountToken") is not False:
            yield f"{title(each)}: has a token"
        if template(each)["spec"].get("serviceAccountName") != "clairscore":
            yield f"{title(each)}: has the namespace's account"


def _images(objects: Sequence[Object]) -> Iterator[str]:
    for each in workloads(objects):
        for container in containers(each):
            image = container["image"]
            tag = image.rpartition("/")[2].partition(":")[2]
            if "@sha256:" not in image and tag in ("", "latest"):
                yield f"{title(each)}: image {image} has no version"


def _resources(objects: Sequence[Object]) -> Iterator[str]:
    for each in workloads(objects):
        for container in containers(each):
            resources = container.get("resources", {})
            if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
                yield f"{title(each)}, {container['name']}: requests neither CPU nor memory, or one of them"
            if not {"memory", "ephemeral-storage"} <= resources.get("limits", {}).keys():
                yield f"{title(each)}, {container['name']}: no limit of memory or disk"


def _probes(objects: Sequence[Object]) -> Iterator[str]:
    """A service is asked by gRPC; it is restarted because it does not live, not because it is not ready."""
    for each in of_kind(objects, "Deployment"):
        for container in containers(each):
            probes = {name: container.get(f"{name}Probe") for name in ("startup", "liveness", "readiness")}
            for name, probe in probes.items():
                if probe is None:
                    yield f"{title(each)}: no {name} probe"
            ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
            if "grpc" not in ports or None in probes.values():
                continue
            for name, probe in probes.items():
                expected = {"port": ports["grpc"]} | ({} if name == "readiness" else {"service": "live"})
                if probe.get("grpc") != expected:
                    yield f"{title(each)}: the {name} probe asks {probe.get('grpc')}, not {expected}"
            if probes["startup"]["periodSeconds"] * probes["startup"]["failureThreshold"] < _START_SECONDS:
                yield f"{title(each)}: has less than {_START_SECONDS} s to start"


def _ending(objects: Sequence[Object]) -> Iterator[str]:
    """Names forget a pod, then it drains, then it is killed: in this order."""
    for each in of_kind(objects, "Deployment"):
        for container in containers(each):
            pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            drain = float(_settings(objects, container).get("CLAIRSCORE_DRAIN_SECONDS", 0))
            given = template(each)["spec"].get("terminationGracePeriodSeconds", 30)
            if pause < 5:
                yield f"{title(each)}: is stopped while names still give its address"
            if not drain or pause + drain + 5 > given:
                yield f"{title(each)}: is killed after {given} s, and needs {pause} + {drain:g} + 5"
        strategy = each["spec"].get("strategy", {})
        if strategy.get("rollingUpdate", {}).get("maxUnavailable") != 0:
            yield f"{title(each)}: an update takes replicas away first"


def _settings(objects: Sequence[Object], container: Object) -> dict[str, str]:
    """The settings that a container takes from config maps."""
    maps = [source["configMapRef"]["name"] for source in container.get("envFrom", ()) if "configMapRef" in source]
    found = [each for each in of_kind(objects, "ConfigMap") if each["metadata"]["name"] in maps]
    return {key: value for each in found for key, value in each["data"].items()}


def _references(objects: Sequence[Object]) -> Iterator[str]:
    """What a workload names is there."""
    there = {(each["kind"], each["metadata"]["name"]) for each in objects}
    for each in workloads(objects):
        spec = template(each)["spec"]
        wanted = [
            ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
            for volume in spec.get("volumes", ())
            if "persistentVolumeClaim" in volume
        ]
        for container in containers(each):
            for source in container.get("envFrom", ()):
                wanted += [(key[0].upper() + key[1:-3], value["name"]) for key, value in source.items()]
            for variable in container.get("env", ()):
                secret = variable.get("valueFrom", {}).get("secretKeyRef")
                wanted += [("Secret", secret["name"])] if secret else []
            for mount in container.get("volumeMounts", ()):
                if mount["name"] not in [volume["name"] for volume in spec.get("volumes", ())]:
                    yield f"{title(each)}, {container['name']}: mounts {mount['name']}, which is not among its volumes"
        for kind, name in wanted:
            if (kind, name) not in there | _EXTERNAL:
                yield f"{title(each)}: there is no {kind} {name}"


def _services(objects: Sequence[Object]) -> Iterator[str]:
    pods = [template(each) for each in of_kind(objects, "Deployment")]
    for each in of_kind(objects, "Service"):
        spec = each["spec"]
        behind = [pod for pod in pods if selects({"matchLabels": spec["selector"]}, pod["metadata"]["labels"])]
        if len(behind) != 1:
            yield f"{title(each)}: {len(behind)} Deployments are behind it"
            continue
        ports = {port["name"] for container in behind[0]["spec"]["containers"] for port in container["ports"]}
        for port in spec["ports"]:
            if port["targetPort"] not in ports:
                yield f"{title(each)}: nobody listens on {port['targetPort']}"
        if "grpc" in ports and spec.get("clusterIP") != "None":
            yield f"{title(each)}: is not headless, so that callers see one address of all replicas"


def _scaling(objects: Sequence[Object]) -> Iterator[str]:
    deployments = {each["metadata"]["name"]: each for each in of_kind(objects, "Deployment")}
    scaled = of_kind(objects, "HorizontalPodAutoscaler")
    for each in scaled:
        target = deployments.get(each["spec"]["scaleTargetRef"]["name"])
        if target is None:
            yield f"{title(each)}: scales nothing"
        elif "replicas" in target["spec"]:
            yield f"{title(target)}: says how many replicas, and so does {title(each)}"
        if each["spec"]["minReplicas"] < 2:
            yield f"{title(each)}: one replica is enough for it"
    budgets = of_kind(objects, "PodDisruptionBudget")
    for each in budgets:
        if each["spec"].get("maxUnavailable") != 1:
            yield f"{title(each)}: does not let one replica go at a time"
    for name, deployment in deployments.items():
        labels = template(deployment)["metadata"]["labels"]
        if scaled and name not in [each["spec"]["scaleTargetRef"]["name"] for each in scaled]:
            yield f"{title(deployment)}: is not scaled, while others are"
        if scaled and sum(selects(each["spec"]["selector"], labels) for each in budgets) != 1:
            yield f"{title(deployment)}: has not one disruption budget"
        if scaled and not template(deployment)["spec"].get("topologySpreadConstraints"):
            yield f"{title(deployment)}: all its replicas may be on one node"
    for each in of_kind(objects, "CronJob"):
        if each["spec"].get("concurrencyPolicy") != "Forbid":
            yield f"{title(each)}: may run twice at a time"


_RULES: tuple[Rule, ...] = (
    _restricted,
    _contained,
    _tokens,
    _images,
    _resources,
    _probes,
    _ending,
    _references,
    _services,
    _scaling,
)
