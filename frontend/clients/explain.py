"""Client of the explain service."""

from collections.abc import Mapping

from clairscore.explain.v1.explain_pb2 import (
    ClientInput,
    ExplainClientRequest,
    GetBeeswarmRequest,
    GetEffectRequest,
    GetImportanceRequest,
)
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub

from frontend.clients import convert
from frontend.clients import convert_explanations as explanations
from frontend.clients.explanations import Beeswarm, Cohort, Effect, Explanation, Importances
from frontend.clients.types import Value
from services.common.client import Connection, call


class ExplainClient:
    """Asks the explain service; one for the whole process. Every method raises ``ClairscoreError``.

    While the portfolio's explanations are being computed, what looks at the portfolio raises ``Unavailable`` with the
    share done (0..1) as the detail ``progress``. ``language`` ("fr", "en") is that of labels and sentences.
    """

    def __init__(self, address: str, deadline: float) -> None:
        self._connection = Connection(address, ExplainServiceStub)
        self._deadline = deadline

    async def explain(self, record: Mapping[str, Value], language: str) -> Explanation:
        """Why a client with these base features has this score."""
        request = ExplainClientRequest(client=_input(record), language=language)
        response = await call(self._connection.stub.ExplainClient, request, deadline=self._deadline)
        return explanations.to_explanation(response)

    async def importance(self, cohort: Cohort, language: str) -> Importances:
        """How much each feature weighs for a cohort, and for the portfolio."""
        request = GetImportanceRequest(cohort=explanations.from_cohort(cohort), language=language)
        response = await call(self._connection.stub.GetImportance, request, deadline=self._deadline)
        return explanations.to_importances(response)

    async def beeswarm(self, cohort: Cohort, features: int, clients: int, language: str) -> Beeswarm:
        """Contributions of the cohort's ``features`` most important features for ``clients`` of its clients."""
        request = GetBeeswarmRequest(
            cohort=explanations.from_cohort(cohort), features=features, clients=clients, language=language
        )
        response = await call(self._connection.stub.GetBeeswarm, request, deadline=self._deadline)
        return explanations.to_beeswarm(response)

    async def effect(self, feature: str, record: Mapping[str, Value] | None, language: str) -> Effect:
        """How a feature acts on the score, with the curve of one client if one is given.

        Raises NotFound when the model does not use the feature.
        """
        client = None if record is None else _input(record)
        request = GetEffectRequest(feature=feature, client=client, language=language)
        response = await call(self._connection.stub.GetEffect, request, deadline=self._deadline)
        return explanations.to_effect(response)


def _input(record: Mapping[str, Value]) -> ClientInput:
    return ClientInput(record=convert.from_record(record))
