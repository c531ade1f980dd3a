"""Who may speak to whom by the network policies, and who does by the settings."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from support.kubernetes.objects import NAME, containers, of_kind, selects, template, workloads
from support.kubernetes.rendering import Object

_ADDRESS = re.compile(r"dns:///([a-z]+):(\d+)")

Pair = tuple[str, str, int]


def called(objects: Sequence[Object]) -> set[Pair]:
    """Caller, service and port, by the addresses that workloads are given."""
    return {
        (each["metadata"]["name"], found[1], int(found[2]))
        for each in workloads(objects)
        for container in containers(each)
        for variable in container.get("env", ())
        if (found := _ADDRESS.fullmatch(variable.get("value", "")))
    }


def allowed_in(objects: Sequence[Object]) -> set[Pair]:
    """Caller, service and port, as services let callers in."""
    return {
        (caller, taken, port["port"])
        for taken, rule in _rules(objects, "ingress")
        for caller in _peers(objects, rule.get("from", ()))
        for port in rule.get("ports", ())
    }


def allowed_out(objects: Sequence[Object]) -> set[Pair]:
    """Caller, service and port, as callers are let out."""
    return {
        (taken, service, port["port"])
        for taken, rule in _rules(objects, "egress")
        for service in _peers(objects, rule.get("to", ()))
        for port in rule.get("ports", ())
    }


def allowed_elsewhere(objects: Sequence[Object], direction: str, port: int | str) -> set[str]:
    """Workloads that may speak with what is none of ours, on a port."""
    side = "from" if direction == "ingress" else "to"
    return {
        taken
        for taken, rule in _rules(objects, direction)
        if not _peers(objects, rule.get(side, ())) and port in [each["port"] for each in rule.get("ports", ())]
    }


def denies_all(objects: Sequence[Object]) -> bool:
    """Whether what no policy allows is forbidden, both ways, to every pod."""
    return any(
        each["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        for each in of_kind(objects, "NetworkPolicy")
    )


def _rules(objects: Sequence[Object], direction: str) -> Iterator[tuple[str, Any]]:
    for policy in of_kind(objects, "NetworkPolicy"):
        for name in _taken(objects, policy["spec"]["podSelector"]):
            for rule in policy["spec"].get(direction, ()):
                yield name, rule


def _taken(objects: Sequence[Object], selector: Any) -> list[str]:
    return [
        labels[NAME] for each in workloads(objects) if selects(selector, labels := template(each)["metadata"]["labels"])
    ]


def _peers(objects: Sequence[Object], peers: Any) -> set[str]:
    return {
        name
        for peer in peers
        if "namespaceSelector" not in peer and "podSelector" in peer
        for name in _taken(objects, peer["podSelector"])
    }
