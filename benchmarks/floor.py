"""The floor: a bare gRPC handler that does only the onnxruntime call. No checks, no conversion, no logs, no metrics.

Method ``/floor/Score``: float32 rows as raw bytes in, float64 probabilities of default as raw bytes out.
"""

import asyncio
import sys
from typing import Any

import grpc
import numpy as np
import onnxruntime as ort

METHOD = "/floor/Score"


async def main(model: str, port: int, threads: int, inputs: int) -> None:
    """Serves until it is killed."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    async def score(request: bytes, _context: object) -> bytes:
        matrix = np.frombuffer(request, dtype=np.float32).reshape(-1, inputs)
        (probabilities,) = session.run(["probabilities"], {"input": matrix})
        return bytes(probabilities[:, 1].astype(np.float64).tobytes())

    server = grpc.aio.server()
    handler: Any = grpc.unary_unary_rpc_method_handler(score)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("floor", {"Score": handler}),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
