"""Scores a client again and again, eight calls at a time, as the dashboard does; runs inside its container.

Prints a line when a hundred calls have been answered, goes on until its input ends, and says how many calls there were
and how they failed.
"""

import asyncio
import json
import os
import sys

from clairscore.portfolio.v1.portfolio_pb2 import GetClientRequest
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from clairscore.scoring.v1.scoring_pb2 import ScoreRequest
from clairscore.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

from services.common.client import Connection, call
from services.common.errors import ClairscoreError

_AT_ONCE = 8
_FIRST = 100


async def main(sk_id_curr: int) -> None:
    """Loads until standard input ends."""
    portfolio = Connection(os.environ["CLAIRSCORE_PORTFOLIO_ADDRESS"], PortfolioServiceStub)
    scoring = Connection(os.environ["CLAIRSCORE_SCORING_ADDRESS"], ScoringServiceStub)
    client = (await call(portfolio.stub.GetClient, GetClientRequest(sk_id_curr=sk_id_curr))).client
    request = ScoreRequest(record=client.record)
    ended = asyncio.Event()
    answered = 0
    failures: list[str] = []
    scores: set[float] = set()

    async def score() -> None:
        nonlocal answered
        while not ended.is_set():
            try:
                response = await call(scoring.stub.Score, request)
            except ClairscoreError as error:
                failures.append(repr(error))
                continue
            scores.add(response.score.probability_of_repayment)
            answered += 1
            if answered == _FIRST:
                print("under load", flush=True)  # noqa: T201

    async with asyncio.TaskGroup() as calls:
        for _ in range(_AT_ONCE):
            calls.create_task(score())
        await asyncio.to_thread(sys.stdin.read)
        ended.set()
    result = {"answered": answered, "failures": failures, "scores": sorted(scores)}
    print(json.dumps(result), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
