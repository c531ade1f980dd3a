"""The dashboard refuses to start with one clear sentence."""

import socket

import pytest

from frontend.app import main
from services.common.errors import Misconfigured


def test_a_taken_port_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Misconfigured, match=f"127.0.0.1:{port}"):
            main(port)
