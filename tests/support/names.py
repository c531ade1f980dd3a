"""A name server for the tests: one name and the addresses that a test gives it, like a cluster's headless service."""

import socket
import struct
import threading
from collections.abc import Iterable
from typing import Self

_A, _IN = 1, 1
_ANSWER = 0x8400  # a response, authoritative
_NO_SUCH_NAME = 3


class NameServer:
    """Answers over UDP on a port of its own; ``addresses`` may be replaced at any time."""

    def __init__(self, name: str, addresses: Iterable[str]) -> None:
        self.addresses = list(addresses)
        self._name = name
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def target(self, port: int) -> str:
        """What a client is to connect to, so that it asks this server for the name."""
        return f"dns://127.0.0.1:{self._socket.getsockname()[1]}/{self._name}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # An empty datagram is no question: it ends the thread.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, caller = self._socket.recvfrom(4096)
            if not query:
                return
            self._socket.sendto(self._answer(query), caller)

    def _answer(self, query: bytes) -> bytes:
        labels, end = [], 12
        while length := query[end]:
            labels.append(query[end + 1 : end + 1 + length].decode())
            end += 1 + length
        end += 1
        kind, _ = struct.unpack("!HH", query[end : end + 4])
        question = query[12 : end + 4]
        known = ".".join(labels) == self._name
        addresses = self.addresses if known and kind == _A else []
        records = b"".join(
            struct.pack("!HHHIH", 0xC00C, _A, _IN, 0, 4) + socket.inet_aton(address) for address in addresses
        )
        flags = _ANSWER | (0 if known else _NO_SUCH_NAME)
        return query[:2] + struct.pack("!HHHHH", flags, 1, len(addresses), 0, 0) + question + records
