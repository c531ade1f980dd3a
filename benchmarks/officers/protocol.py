"""A page of the dashboard without a browser: Bokeh's protocol over a websocket, as BokehJS speaks it.

https://docs.bokeh.org/en/latest/docs/dev_guide/server.html
"""

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

_PATIENCE = 30.0
_LARGEST_MESSAGE = 2**26
_TOKEN = re.compile(rb'"token":"([^"]+)"')

AsyncHTTPClient.configure(None, max_clients=1000)


class Page:
    """An open page: knows its components by the name of their class, and hears of every change of them."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self._heard = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._models: dict[str, list[tuple[str, str]]] = {}
        self._changes: list[tuple[str, str]] = []
        self.values: dict[tuple[str, str], Any] = {}

    @classmethod
    async def open(cls, host: str, address: str) -> "Page":
        """Asks for a page (``/comparaison?client=100001``), connects, fetches the document, and says it is drawn."""
        answer = await AsyncHTTPClient().fetch(f"http://{host}{address}", request_timeout=_PATIENCE)
        found = _TOKEN.search(answer.body)
        if found is None:
            raise RuntimeError(f"{address} is not a page of the dashboard")
        socket = await asyncio.wait_for(
            websocket_connect(
                f"ws://{host}{address.partition('?')[0].rstrip('/')}/ws",
                subprotocols=["bokeh", found[1].decode()],
                max_message_size=_LARGEST_MESSAGE,
            ),
            _PATIENCE,
        )
        page = cls(socket)
        async with asyncio.timeout(_PATIENCE):
            await page._receive("ACK")
            await page._send("PULL-DOC-REQ", {})
            page._read((await page._receive("PULL-DOC-REPLY"))["doc"])
        await page._tell("document_ready", [])
        page._listening = asyncio.create_task(page._listen())
        return page

    def model(self, component: str, number: int = 0) -> str:
        """The data model of the component of this class, or of the one of several; its parameters change there."""
        return self._models[component][number][1]

    async def intend(self, component: str, intent: str, text: str) -> None:
        """Tells what an officer wants, as a component of ours does."""
        view = self._models[component][0][0]
        told = {"type": "map", "entries": [["intent", intent], ["text", text]]}
        await self._tell("data_event", [["model", {"id": view}], ["data", told]])

    def forget(self) -> None:
        """From now on only new changes count."""
        self._changes.clear()

    def changed(self, model: str, name: str) -> bool:
        """Whether a parameter of a model has changed."""
        return (model, name) in self._changes

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for what the server says. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE):
            while not condition():
                if self._listening is None or self._listening.done():
                    raise ConnectionError("the server closed the connection")
                self._heard.clear()
                await self._heard.wait()

    async def close(self) -> None:
        """Leaves, as a closed tab does."""
        if self._listening is not None:
            self._listening.cancel()
        self._socket.close()
        # Reads until the server has closed its end too.
        async with asyncio.timeout(_PATIENCE):
            while await self._socket.read_message() is not None:
                pass

    async def _listen(self) -> None:
        try:
            while True:
                for event in (await self._receive("PATCH-DOC"))["events"]:
                    if event["kind"] == "ModelChanged":
                        place = (event["model"]["id"], event["attr"])
                        self._changes.append(place)
                        self.values[place] = event["new"]
                self._heard.set()
        finally:
            self._heard.set()

    async def _receive(self, kind: str) -> Any:
        """The content of the next message of this kind; what is of another kind is passed over."""
        while True:
            header = json.loads(await self._frame())
            await self._frame()
            content = await self._frame()
            for _ in range(2 * int(header.get("num_buffers", 0))):
                await self._frame()
            if header["msgtype"] == "ERROR":
                raise RuntimeError(content)
            if header["msgtype"] == kind:
                return json.loads(content)

    async def _frame(self) -> str | bytes:
        frame = await self._socket.read_message()
        if frame is None:
            raise ConnectionError("the server closed the connection")
        return frame

    async def _tell(self, name: str, entries: list[list[Any]]) -> None:
        event = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
        message = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
        await self._send("PATCH-DOC", {"events": [message]})

    async def _send(self, kind: str, content: object) -> None:
        header = {"msgid": secrets.token_hex(16), "msgtype": kind}
        for part in (header, {}, content):
            await self._socket.write_message(json.dumps(part))

    def _read(self, document: Any) -> None:
        for made in _objects(document["roots"]):
            attributes = made.get("attributes", {})
            if "class_name" in attributes and "data" in attributes:
                data = attributes["data"]
                self._models.setdefault(attributes["class_name"], []).append((made["id"], data["id"]))
                for name, value in data.get("attributes", {}).items():
                    self.values[data["id"], name] = value


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every model that is defined somewhere in a document, in the order of the document."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "id" in value:
            yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)
