"""Client of the scoring service."""

from collections.abc import Mapping

from clairscore.scoring.v1.scoring_pb2 import GetModelCardRequest, GetModelRequest, ScoreRequest
from clairscore.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

from frontend.clients import convert
from frontend.clients.model_card import CardFigures, read_figures
from frontend.clients.types import Model, Score, Value
from services.common.client import Connection, call


class ScoringClient:
    """Asks the scoring service; one for the whole process. Every method raises ``ClairscoreError``."""

    def __init__(self, address: str, deadline: float) -> None:
        self._connection = Connection(address, ScoringServiceStub)
        self._deadline = deadline

    async def score(self, record: Mapping[str, Value], version: str) -> Score:
        """Scores a client's base features with this version of the model, or with any for none.

        Raises FailedPrecondition, with the detail ``live_version``, when another version is live.
        """
        request = ScoreRequest(record=convert.from_record(record), model_version=version)
        response = await call(self._connection.stub.Score, request, deadline=self._deadline)
        return convert.to_score(response.score)

    async def model(self) -> Model:
        """Describes the live model."""
        response = await call(self._connection.stub.GetModel, GetModelRequest(), deadline=self._deadline)
        return convert.to_model(response.model)

    async def card(self, language: str) -> bytes:
        """Returns the live model's card, a page in French ("fr") or English ("en"); ``NotFound``: it has none."""
        request = GetModelCardRequest(language=language)
        return (await call(self._connection.stub.GetModelCard, request, deadline=self._deadline)).html

    async def card_figures(self) -> CardFigures | None:
        """Returns the main figures of the live model's card; None or ``NotFound``: it has none."""
        request = GetModelCardRequest(language="en")
        return read_figures((await call(self._connection.stub.GetModelCard, request, deadline=self._deadline)).json)
