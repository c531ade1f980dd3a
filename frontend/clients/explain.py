"""Client of the explain service."""

from collections.abc import Mapping, Sequence

from clairscore.explain.v1.explain_pb2 import (
    ClientInput,
    CompareVersionsRequest,
    ExplainClientRequest,
    FindComparableClientsRequest,
    FindCounterfactualsRequest,
    GetBeeswarmRequest,
    GetEffectRequest,
    GetImportanceRequest,
    GetInteractionRequest,
)
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub

from frontend.clients import convert
from frontend.clients import convert_changes as changes
from frontend.clients import convert_explanations as explanations
from frontend.clients.changes import Comparison, Counterfactuals, Limit
from frontend.clients.explanations import Beeswarm, Cohort, ComparableClients, Effect, Explanation, Importances
from frontend.clients.interaction import Interaction, to_interaction
from frontend.clients.types import Client, Value
from services.common.client import Connection, call


class ExplainClient:
    """Asks the explain service; one for the whole process. Every method raises ``ClairscoreError``.

    While the portfolio's explanations are being computed, what looks at the portfolio raises ``Unavailable`` with the
    share done (0..1) as the detail ``progress``. ``language`` ("fr", "en") is that of labels and sentences; ``version``
    is that of the model that is to answer ("": any); FailedPrecondition with the detail ``live_version``: it is not.
    """

    def __init__(self, address: str, deadline: float) -> None:
        self._connection = Connection(address, ExplainServiceStub)
        self._deadline = deadline

    async def explain(self, record: Mapping[str, Value], language: str, version: str = "") -> Explanation:
        """Why a client with these base features has this score."""
        request = ExplainClientRequest(client=_input(record), language=language, model_version=version)
        response = await call(self._connection.stub.ExplainClient, request, deadline=self._deadline)
        return explanations.to_explanation(response)

    async def comparable(self, client: Client, count: int, version: str = "") -> ComparableClients:
        """The ``count`` nearest accepted and the ``count`` nearest refused clients, without the client itself."""
        request = FindComparableClientsRequest(
            client=_input(client.record),
            count=count,
            exclude_sk_id_curr=client.sk_id_curr,
            model_version=version,
        )
        response = await call(self._connection.stub.FindComparableClients, request, deadline=self._deadline)
        return explanations.to_comparable(response)

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

    async def effect(self, feature: str, record: Mapping[str, Value] | None, cohort: Cohort, language: str) -> Effect:
        """How a feature acts on the score of a cohort, with the curve of one client if one is given.

        Raises NotFound when the model does not use the feature.
        """
        client = None if record is None else _input(record)
        request = GetEffectRequest(
            feature=feature, client=client, cohort=explanations.from_cohort(cohort), language=language
        )
        response = await call(self._connection.stub.GetEffect, request, deadline=self._deadline)
        return explanations.to_effect(response)

    async def compare(
        self, before: Mapping[str, Value], after: Mapping[str, Value], sk_id_curr: int, language: str, version: str = ""
    ) -> Comparison:
        """What each changed base feature of a client did to the score."""
        request = CompareVersionsRequest(
            before=_input(before),
            after=_input(after),
            before_sk_id_curr=sk_id_curr,
            after_sk_id_curr=sk_id_curr,
            language=language,
            model_version=version,
        )
        response = await call(self._connection.stub.CompareVersions, request, deadline=self._deadline)
        return changes.to_comparison(response)

    async def counterfactuals(
        self, sk_id_curr: int, record: Mapping[str, Value], limits: Sequence[Limit], language: str, version: str = ""
    ) -> Counterfactuals:
        """The smallest plausible changes with which a refused client, given as it may have been edited, is accepted.

        Raises FailedPrecondition, with the detail ``probability_of_repayment``, when the client is accepted already.
        """
        request = FindCounterfactualsRequest(
            client=_input(record),
            limits=changes.from_limits(limits),
            language=language,
            sk_id_curr=sk_id_curr,
            model_version=version,
        )
        response = await call(self._connection.stub.FindCounterfactuals, request, deadline=self._deadline)
        return changes.to_counterfactuals(response)

    async def interaction(self, x: str, y: str, cohort: Cohort, language: str) -> Interaction:
        """How two features act on the score together. Raises NotFound when the model does not use one of them."""
        request = GetInteractionRequest(
            feature_x=x, feature_y=y, cohort=explanations.from_cohort(cohort), language=language
        )
        response = await call(self._connection.stub.GetInteraction, request, deadline=self._deadline)
        return to_interaction(response)


def _input(record: Mapping[str, Value]) -> ClientInput:
    return ClientInput(record=convert.from_record(record))
