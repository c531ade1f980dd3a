"""Watches whether the services answer, once for all open pages, so that an idle page learns of an outage too."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from frontend.clients.types import Service
from services.common.client import Connection, call
from services.common.errors import ClairscoreError


class HealthMonitor:
    """Asks every service for its health, again and again, and tells the watchers what changes."""

    def __init__(self, addresses: Mapping[Service, str], interval: float, deadline: float) -> None:
        self._connections = {service: Connection(address, HealthStub) for service, address in addresses.items()}
        self._interval = interval
        self._deadline = deadline
        self._silent: frozenset[Service] = frozenset()
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Asks until it is cancelled."""
        await asyncio.gather(*(self._ask(service) for service in self._connections))

    async def changes(self) -> AsyncIterator[frozenset[Service]]:
        """Gives the services that don't answer: at once those of now, then after every change."""
        told: frozenset[Service] | None = None
        while True:
            async with self._changed:
                while self._silent == told:
                    await self._changed.wait()
                told = self._silent
            yield told

    async def _ask(self, service: Service) -> None:
        # The generated stub of the health protocol carries no types of its calls.
        stub: Any = self._connections[service].stub
        while True:
            try:
                answer = await call(stub.Check, HealthCheckRequest(), deadline=self._deadline)
                healthy = answer.status == HealthCheckResponse.SERVING
            except ClairscoreError:
                healthy = False
            async with self._changed:
                silent = self._silent - {service} if healthy else self._silent | {service}
                if silent != self._silent:
                    self._silent = silent
                    self._changed.notify_all()
            await asyncio.sleep(self._interval)
