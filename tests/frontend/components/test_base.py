"""What the browser wants of a component."""

import asyncio

from bokeh.document import Document
from bokeh.server.session import ServerSession
from panel.io.state import set_curdoc
from tornado.ioloop import IOLoop

from frontend.components.base import Component


class Bell(Component):
    """Rings."""

    _esm = "export function render() { return document.createElement('p') }"


async def test_a_message_without_the_lock_is_acted_on_with_it() -> None:
    document = Document()
    session = ServerSession("session", document, io_loop=IOLoop.current())
    rung: list[tuple[str, bool]] = []
    done = asyncio.Event()

    def ring(text: str) -> None:
        rung.append((text, session._pending_writes is not None))
        if len(rung) == 2:
            done.set()

    bell = Bell()
    bell.on("ring", ring)
    with set_curdoc(document):
        for text in ("first", "second"):
            bell._handle_msg({"intent": "ring", "text": text})
        bell._handle_msg({"intent": "unknown", "text": ""})
        bell._handle_msg("no message of ours")
    async with asyncio.timeout(10):
        await done.wait()

    assert rung == [("first", True), ("second", True)]
    session.destroy()
