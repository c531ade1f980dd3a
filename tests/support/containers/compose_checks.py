"""What the services of ``docker-compose.yml`` must be, as one list of what is wrong with them."""

from collections.abc import Iterator
from typing import Any

# They end by themselves, and are waited for.
_JOBS = {"secrets", "prepare"}
_PUBLISHED = {"dashboard", "grafana"}


def faults(project: dict[str, Any], own: str = "clairscore/") -> list[str]:
    """What is wrong with a project as ``docker compose config --format json`` gives it; empty: nothing.

    Args:
        project: the resolved file.
        own: how the names of our own images begin; others are not asked for a health check of their file.
    """
    return [
        f"{name}: {fault}"
        for name, service in project["services"].items()
        for fault in (*_hardening(service), *_life(name, service, own), *_ways_in(name, service), *_secrets(service))
    ]


def _hardening(service: dict[str, Any]) -> Iterator[str]:
    if not service.get("read_only"):
        yield "its root can be written"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        yield "has capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain privileges"
    if service.get("privileged") or service.get("pid") == "host" or service.get("network_mode") == "host":
        yield "is not apart from the machine"
    if any("docker.sock" in volume.get("source", "") for volume in service.get("volumes", [])):
        yield "rules the engine"
    if not service.get("mem_limit"):
        yield "has no memory limit"


def _life(name: str, service: dict[str, Any], own: str) -> Iterator[str]:
    if name in _JOBS:
        return
    if service.get("restart") != "unless-stopped":
        yield "is not restarted"
    if not service["image"].startswith(own) and "healthcheck" not in service:
        yield "has no health check"
    for needed, how in service.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if needed in _JOBS else "service_healthy"
        if how["condition"] != wanted:
            yield f"does not wait until {needed} is {wanted}"


def _ways_in(name: str, service: dict[str, Any]) -> Iterator[str]:
    for port in service.get("ports", []):
        if name not in _PUBLISHED:
            yield f"publishes {port['target']}"
        if port.get("host_ip") != "127.0.0.1":
            yield f"publishes {port['target']} to other machines"


def _secrets(service: dict[str, Any]) -> Iterator[str]:
    for variable, value in (service.get("environment") or {}).items():
        if "PASSWORD" in variable and not variable.endswith("_FILE"):
            yield f"has a password in {variable}"
        if "://" in str(value) and ":" in str(value).split("://", 1)[1].split("@")[0] and "@" in str(value):
            yield f"has a password in {variable}"
