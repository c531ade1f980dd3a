"""The scoring contract: converts, asks the engine, converts back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
from clairscore.scoring.v1 import scoring_pb2, scoring_pb2_grpc

from services.common.errors import FailedPrecondition, InvalidInput, Violation
from services.scoring import convert, scorer
from services.scoring.engine import ScoringEngine

NAME = "clairscore.scoring.v1.ScoringService"

# Generic for the type checker alone.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ScoringServicer(scoring_pb2_grpc.ScoringServiceServicer):
    """``clairscore.scoring.v1.ScoringService``; the contract says what each call does and which errors it has."""

    def __init__(self, engine: ScoringEngine) -> None:
        self._engine = engine
        self._manifest = engine.scorer.manifest
        self._model = convert.model_message(self._manifest)

    async def Score(self, request: scoring_pb2.ScoreRequest, context: Context) -> scoring_pb2.ScoreResponse:
        """Scores one client."""
        live = self._manifest.version
        if request.model_version and request.model_version != live:
            raise FailedPrecondition(
                f"model version {request.model_version!r} is not live, {live!r} is", live_version=live
            )
        return scoring_pb2.ScoreResponse(score=convert.score_message(await self._score(request), live))

    async def ScoreBatch(
        self,
        request_iterator: AsyncIterator[scoring_pb2.ScoreBatchRequest],
        context: Context,
    ) -> AsyncIterator[scoring_pb2.ScoreBatchResponse]:
        """Scores blocks of rows, each answered before the next is read: a slow reader slows the sender down."""
        width = len(self._manifest.inputs)
        async for request in request_iterator:
            self._engine.refuse_too_many(request.rows)
            scores = await self._engine.block(convert.block(request, width))
            yield convert.batch_response(scores, self._manifest.version)

    async def GetModel(self, request: scoring_pb2.GetModelRequest, context: Context) -> scoring_pb2.GetModelResponse:
        """Describes the live model."""
        return scoring_pb2.GetModelResponse(model=self._model)

    async def _score(self, request: scoring_pb2.ScoreRequest) -> scorer.Score:
        match request.WhichOneof("input"):
            case "vector":
                if request.overrides:
                    fault = "not allowed with a vector: change the record or the application it came from"
                    raise InvalidInput([Violation(f"overrides[{name}]", fault) for name in sorted(request.overrides)])
                return await self._engine.vector(convert.vector(request.vector))
            case "record":
                return await self._engine.record(
                    convert.record(request.record.fields), convert.record(request.overrides)
                )
            case "application":
                application, histories = convert.application(request.application)
                return await self._engine.application(application, histories, convert.record(request.overrides))
        raise InvalidInput([Violation("input", "one of vector, record and application must be given")])
