"""The embedding contract: converts, asks the engine, converts back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
from clairscore.embedding.v1 import embedding_pb2 as pb
from clairscore.embedding.v1 import embedding_pb2_grpc

from services.embedding import convert
from services.embedding.engine import EmbeddingEngine
from services.embedding.study import PublishedStudy

NAME = "clairscore.embedding.v1.EmbeddingService"

_NEIGHBOURS = 3
_FOUND = 10

# Generic for the type checker alone.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class EmbeddingServicer(embedding_pb2_grpc.EmbeddingServiceServicer):
    """``clairscore.embedding.v1.EmbeddingService``; the contract says what each call does and which errors it has."""

    def __init__(self, engine: EmbeddingEngine, study: PublishedStudy) -> None:
        self._engine = engine
        self._study = study

    async def EmbedTexts(self, request: pb.EmbedTextsRequest, context: Context) -> pb.EmbedTextsResponse:
        """Embeds some texts."""
        prompt = request.prompt if request.HasField("prompt") else None
        return convert.embedded_response(*await self._engine.embed(request.model, list(request.texts), prompt))

    async def StreamEmbed(
        self, request_iterator: AsyncIterator[pb.StreamEmbedRequest], context: Context
    ) -> AsyncIterator[pb.StreamEmbedResponse]:
        """Embeds blocks of texts, each answered before the next is read: a slow reader slows the sender down."""
        async for request in request_iterator:
            prompt = request.prompt if request.HasField("prompt") else None
            yield convert.block_response(*await self._engine.embed(request.model, list(request.texts), prompt))

    async def ClassifyProducts(
        self, request: pb.ClassifyProductsRequest, context: Context
    ) -> pb.ClassifyProductsResponse:
        """Says which category products belong to."""
        neighbours = request.neighbours if request.HasField("neighbours") else _NEIGHBOURS
        answer = await self._engine.classify(list(request.texts), neighbours, request.model_version)
        return convert.classified_response(answer)

    async def SearchProducts(self, request: pb.SearchProductsRequest, context: Context) -> pb.SearchProductsResponse:
        """Finds similar labelled products."""
        limit = request.limit if request.HasField("limit") else _FOUND
        found, manifest = await self._engine.search(request.text, limit)
        return pb.SearchProductsResponse(
            products=[convert.product_message(product) for product in found], model_version=manifest.version
        )

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """Describes what can be asked for."""
        return convert.models_response(self._engine)

    async def GetStudy(self, request: pb.GetStudyRequest, context: Context) -> pb.GetStudyResponse:
        """The published study."""
        return pb.GetStudyResponse(json=await asyncio.to_thread(self._study.document))
