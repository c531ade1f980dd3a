"""The scoring contract: converts, asks the engine, converts back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
from clairscore.scoring.v1 import scoring_pb2, scoring_pb2_grpc

from pipeline.model.score import Score
from services.common.convert import application_from, record_from, score_to
from services.common.errors import InvalidInput, NotFound, Violation
from services.common.live import LiveModel
from services.scoring import convert
from services.scoring.engine import ScoringEngine

NAME = "clairscore.scoring.v1.ScoringService"

# Generic for the type checker alone.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ScoringServicer(scoring_pb2_grpc.ScoringServiceServicer):
    """``clairscore.scoring.v1.ScoringService``; the contract says what each call does and which errors it has."""

    def __init__(self, live: LiveModel[ScoringEngine]) -> None:
        self._live = live

    async def Score(self, request: scoring_pb2.ScoreRequest, context: Context) -> scoring_pb2.ScoreResponse:
        """Scores one client."""
        engine = self._live.expected(request.model_version)
        score = await _score(engine, request)
        return scoring_pb2.ScoreResponse(score=score_to(score, engine.manifest.version))

    async def ScoreBatch(
        self,
        request_iterator: AsyncIterator[scoring_pb2.ScoreBatchRequest],
        context: Context,
    ) -> AsyncIterator[scoring_pb2.ScoreBatchResponse]:
        """Scores blocks of rows, each answered before the next is read: a slow reader slows the sender down.

        One model scores all of them: that which is live when the call begins.
        """
        engine = self._live.engine
        width = len(engine.manifest.inputs)
        async for request in request_iterator:
            engine.refuse_too_many(request.rows)
            scores = await engine.block(convert.block(request, width))
            yield convert.batch_response(scores, engine.manifest.version)

    async def GetModel(self, request: scoring_pb2.GetModelRequest, context: Context) -> scoring_pb2.GetModelResponse:
        """Describes the live model."""
        return scoring_pb2.GetModelResponse(model=convert.model_message(self._live.engine.manifest))

    async def GetModelCard(
        self, request: scoring_pb2.GetModelCardRequest, context: Context
    ) -> scoring_pb2.GetModelCardResponse:
        """The live model's card."""
        engine = self._live.engine
        version = engine.manifest.version
        if engine.card is None:
            raise NotFound(f"model {version!r} has no card", live_version=version)
        page = engine.card.pages.get(request.language)
        if page is None:
            fault = f"must be one of {', '.join(engine.card.pages)}, not {request.language!r}"
            raise InvalidInput([Violation("language", fault)])
        return scoring_pb2.GetModelCardResponse(model_version=version, html=page, json=engine.card.document)


async def _score(engine: ScoringEngine, request: scoring_pb2.ScoreRequest) -> Score:
    match request.WhichOneof("input"):
        case "vector":
            if request.overrides:
                fault = "not allowed with a vector: change the record or the application it came from"
                raise InvalidInput([Violation(f"overrides[{name}]", fault) for name in sorted(request.overrides)])
            return await engine.vector(convert.vector(request.vector))
        case "record":
            return await engine.record(record_from(request.record.fields), record_from(request.overrides))
        case "application":
            application, histories = application_from(request.application)
            return await engine.application(application, histories, record_from(request.overrides))
    raise InvalidInput([Violation("input", "one of vector, record and application must be given")])
