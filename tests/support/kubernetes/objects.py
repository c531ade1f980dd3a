"""Finds its way among rendered objects."""

from collections.abc import Iterable, Iterator
from typing import Any

from support.kubernetes.rendering import Object

NAME = "app.kubernetes.io/name"


def of_kind(objects: Iterable[Object], *kinds: str) -> list[Object]:
    return [each for each in objects if each["kind"] in kinds]


def named(objects: Iterable[Object], kind: str, name: str) -> Object:
    (found,) = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    return found


def template(workload: Object) -> Any:
    """The pod template of a Deployment, Job or CronJob."""
    spec = workload["spec"]
    return (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]


def workloads(objects: Iterable[Object]) -> list[Object]:
    return of_kind(objects, "Deployment", "Job", "CronJob")


def containers(workload: Object) -> Iterator[Any]:
    spec = template(workload)["spec"]
    yield from spec.get("initContainers", ())
    yield from spec["containers"]


def title(each: Object) -> str:
    return f"{each['kind']} {each['metadata']['name']}"


def selects(selector: Any, labels: dict[str, str]) -> bool:
    """Whether a label selector, as it stands in a manifest, takes a pod with these labels."""
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()) and all(
        rule["operator"] == "In" and labels.get(rule["key"]) in rule["values"]
        for rule in selector.get("matchExpressions") or ()
    )
