"""The explain contract: converts, asks the core, converts back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
from clairscore.explain.v1 import explain_pb2 as pb
from clairscore.explain.v1 import explain_pb2_grpc

from pipeline.model.applicants import Applicant
from services.common import tracing
from services.common.errors import FailedPrecondition, InvalidInput, Unavailable, Violation
from services.common.live import LiveModel
from services.explain import convert, local
from services.explain import convert_portfolio as of_portfolio
from services.explain.comparison import compare
from services.explain.counterfactual.find import MOST_ANSWERS, MOST_CHANGES, find
from services.explain.effects.effect import effect_of
from services.explain.engine import ExplainEngine
from services.explain.explainer import Explainer
from services.explain.portfolio.live import LivePortfolio
from services.explain.portfolio.ranks import Ranks
from services.explain.portfolio.store import ExplainedPortfolio, Selection
from services.explain.portfolio.swarm import swarms
from services.explain.presented import present
from services.explain.work import Stop, Work

NAME = "clairscore.explain.v1.ExplainService"

# A search for counterfactuals ends after so long, however far the deadline is, and so long before it: what has been
# found must still reach the caller.
_SEARCH_SECONDS = 10.0
_ANSWER_SECONDS = 0.1

# Generic for the type checker alone.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ExplainServicer(explain_pb2_grpc.ExplainServiceServicer):
    """``clairscore.explain.v1.ExplainService``; the contract says what each call does and which errors it has."""

    def __init__(self, live: LiveModel[ExplainEngine], portfolio: LivePortfolio, work: Work) -> None:
        self._live = live
        self._portfolio = portfolio
        self._work = work

    async def ExplainClient(self, request: pb.ExplainClientRequest, context: Context) -> pb.ExplainClientResponse:
        """Explains one client."""
        explainer = self._live.expected(request.model_version).explainer
        most = convert.within(request.reasons, "reasons", default=4, most=20)
        ranks = self._ranks()

        def answer(_: Stop) -> pb.ExplainClientResponse:
            applicant = convert.applicant_from(request.client, explainer.applicants, "client")
            explanation = local.explain(explainer, applicant)
            presented = present(explainer, explanation, ranks, request.language, most)
            return convert.explanation_to(explainer, explanation, presented)

        return await self._work.run(answer)

    async def CompareVersions(self, request: pb.CompareVersionsRequest, context: Context) -> pb.CompareVersionsResponse:
        """Compares two versions of a client."""
        explainer = self._live.expected(request.model_version).explainer
        if len({request.before_sk_id_curr, request.after_sk_id_curr} - {0}) > 1:
            fault = f"is client {request.after_sk_id_curr}, before is {request.before_sk_id_curr}: compare one client"
            raise InvalidInput([Violation("after_sk_id_curr", fault)])

        def answer(_: Stop) -> pb.CompareVersionsResponse:
            before = convert.applicant_from(request.before, explainer.applicants, "before")
            after = convert.applicant_from(request.after, explainer.applicants, "after")
            scores = local.score(explainer, before), local.score(explainer, after)
            return convert.comparison_to(explainer, *scores, compare(explainer, before, after), request.language)

        return await self._work.run(answer)

    async def FindCounterfactuals(
        self, request: pb.FindCounterfactualsRequest, context: Context
    ) -> pb.FindCounterfactualsResponse:
        """Searches what would have to change, until the caller's deadline comes near."""
        explainer = self._live.expected(request.model_version).explainer
        portfolio = self._portfolio.portfolio()
        count = convert.within(request.count, "count", default=3, most=MOST_ANSWERS)
        changes = convert.within(request.max_changes, "max_changes", default=3, most=MOST_CHANGES)

        def answer(stop: Stop) -> pb.FindCounterfactualsResponse:
            applicant = convert.applicant_from(request.client, explainer.applicants, "client")
            with tracing.span("search counterfactuals"):
                found = find(
                    explainer,
                    portfolio.ranks,
                    portfolio.neighbours,
                    applicant,
                    limits=convert.limits_from(request.limits),
                    count=count,
                    max_changes=changes,
                    sk_id_curr=request.sk_id_curr,
                    stop=stop,
                )
            return convert.counterfactuals_to(explainer, local.score(explainer, applicant), found, request.language)

        remaining = context.time_remaining()
        seconds = _SEARCH_SECONDS if remaining is None else min(remaining - _ANSWER_SECONDS, _SEARCH_SECONDS)
        return await self._work.run(answer, seconds=seconds)

    async def FindComparableClients(
        self, request: pb.FindComparableClientsRequest, context: Context
    ) -> pb.FindComparableClientsResponse:
        """The nearest clients on both sides of the threshold."""
        explainer = self._live.expected(request.model_version).explainer
        neighbours = self._portfolio.portfolio().neighbours
        count = convert.within(request.count, "count", default=5, most=100)

        def answer(_: Stop) -> pb.FindComparableClientsResponse:
            applicant = convert.applicant_from(request.client, explainer.applicants, "client")
            contributions = explainer.contributions(applicant.vector)[0]
            exclude = request.exclude_sk_id_curr
            accepted, refused = (
                neighbours.nearest(contributions, count, accepted=side, exclude=exclude) for side in (True, False)
            )
            return of_portfolio.comparable_to(accepted, refused, approximate=neighbours.approximate)

        return await self._work.run(answer)

    async def GetImportance(self, request: pb.GetImportanceRequest, context: Context) -> pb.GetImportanceResponse:
        """Global importance over a cohort."""
        engine = self._live.expected(request.model_version)
        portfolio = self._portfolio.portfolio()

        def answer(_: Stop) -> pb.GetImportanceResponse:
            selection = _select(portfolio, engine.explainer, request.cohort)
            importance = portfolio.importance(selection)
            whole = portfolio.ranks.whole
            return of_portfolio.importance_to(
                engine.explainer, selection.clients, importance, whole, convert.language(request.language)
            )

        return await self._work.run(answer)

    async def GetBeeswarm(self, request: pb.GetBeeswarmRequest, context: Context) -> pb.GetBeeswarmResponse:
        """A sample of a cohort's contributions."""
        engine = self._live.expected(request.model_version)
        portfolio = self._portfolio.portfolio()
        features = convert.within(request.features, "features", default=15, most=50)
        clients = convert.within(request.clients, "clients", default=1_000, most=5_000)
        dictionary = engine.explainer.model.dictionary

        def answer(_: Stop) -> pb.GetBeeswarmResponse:
            selection = _select(portfolio, engine.explainer, request.cohort)
            found = swarms(portfolio, dictionary, selection, features, clients)
            return of_portfolio.swarms_to(found, selection.clients, dictionary, convert.language(request.language))

        return await self._work.run(answer)

    async def GetEffect(self, request: pb.GetEffectRequest, context: Context) -> pb.GetEffectResponse:
        """The shape of a feature's effect."""
        explainer = self._live.expected(request.model_version).explainer
        portfolio = self._portfolio.portfolio()
        points = convert.within(request.points, "points", default=40, least=5, most=200)
        clients = convert.within(request.clients, "clients", default=1_000, most=5_000)

        def answer(stop: Stop) -> pb.GetEffectResponse:
            selection = _select(portfolio, explainer, request.cohort)
            applicant = _applicant(explainer, "client")(request.client) if request.HasField("client") else None
            effect = effect_of(
                explainer,
                portfolio,
                selection,
                request.feature,
                points=points,
                clients=clients,
                applicant=applicant,
                stop=stop,
            )
            return of_portfolio.effect_to(effect, convert.language(request.language))

        return await self._work.run(answer)

    async def GetInteraction(self, request: pb.GetInteractionRequest, context: Context) -> pb.GetInteractionResponse:
        """How two features act together."""
        engine = self._live.expected(request.model_version)
        portfolio = self._portfolio.portfolio()
        cells = convert.within(request.cells, "cells", default=12, least=2, most=50)

        def answer(_: Stop) -> pb.GetInteractionResponse:
            selection = _select(portfolio, engine.explainer, request.cohort)
            found = engine.interactions.of(portfolio, selection, request.feature_x, request.feature_y, cells=cells)
            return of_portfolio.interaction_to(found, convert.language(request.language))

        return await self._work.run(answer)

    async def GetProgress(self, request: pb.GetProgressRequest, context: Context) -> pb.GetProgressResponse:
        """Says how far the portfolio's explanations are."""
        return of_portfolio.progress_to(self._live.engine.manifest.version, self._portfolio.progress)

    def _ranks(self) -> Ranks | None:
        """The portfolio's distributions; None as long as there are none."""
        try:
            return self._portfolio.portfolio().ranks
        except (FailedPrecondition, Unavailable):
            return None


def _select(portfolio: ExplainedPortfolio, explainer: Explainer, cohort: pb.Cohort) -> Selection:
    applicant = _applicant(explainer, "cohort.similar.client")
    return portfolio.select(of_portfolio.cohort_from(cohort, explainer, applicant))


def _applicant(explainer: Explainer, field: str) -> Callable[[pb.ClientInput], Applicant]:
    return lambda message: convert.applicant_from(message, explainer.applicants, field)
