"""What the services say of one client, asked for when a letter is wanted: all of it by the same model, or nothing."""

from dataclasses import dataclass

from frontend.clients.changes import Comparison, Counterfactuals
from frontend.clients.explanations import Explanation
from frontend.clients.services import Services
from frontend.clients.types import Client, Decision, FeatureDictionary, Model, Publication
from services.common.errors import FailedPrecondition, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class Trial:
    """A saved scenario of the client, compared with the client as it is."""

    name: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that a letter tells. ``counterfactuals`` is None for a client whose acceptance is proposed."""

    client: Client
    publication: Publication
    dictionary: FeatureDictionary
    model: Model
    explanation: Explanation
    counterfactuals: Counterfactuals | None
    trial: Trial | None = None


async def ask(services: Services, sk_id_curr: int, scenario: str, language: str) -> Answers:
    """Asks for everything about a client; ``scenario`` is the identifier of a saved one, empty for none.

    Raises:
        NotFound: there is no such client, or no such scenario of the client (detail ``scenario``).
        Unavailable: a service does not answer, or cannot say everything yet; also where another model became live
            between two answers.
        ClairscoreError: any other error of the services.
    """
    client = await services.portfolio.client(sk_id_curr)
    publication = await services.portfolio.publication()
    dictionary = await services.portfolio.dictionary(publication.feature_contract)
    model = await services.scoring.model()
    explanation = await services.explain.explain(client.record, language)
    counterfactuals = None
    if explanation.score.decision is Decision.REFUSE:
        counterfactuals = await _counterfactuals(services, client, language)
    trial = await _trial(services, client, scenario, language) if scenario else None
    answers = Answers(client, publication, dictionary, model, explanation, counterfactuals, trial)
    if len(_versions(answers)) > 1:
        raise _other_model()
    return answers


async def _counterfactuals(services: Services, client: Client, language: str) -> Counterfactuals:
    try:
        return await services.explain.counterfactuals(client.sk_id_curr, client.record, (), language)
    except FailedPrecondition as error:
        if "probability_of_repayment" in error.details:
            # Accepted now, refused a moment ago.
            raise _other_model() from error
        raise


async def _trial(services: Services, client: Client, scenario: str, language: str) -> Trial:
    saved = await services.portfolio.scenarios(client.sk_id_curr)
    found = next((one for one in saved if one.identifier == scenario), None)
    if found is None:
        raise NotFound("This client has no such scenario.", scenario=scenario)
    after = {**client.record, **found.usable}
    comparison = await services.explain.compare(client.record, after, client.sk_id_curr, language)
    return Trial(found.name, comparison)


def _versions(answers: Answers) -> set[str]:
    """The versions of the models that speak in the answers."""
    scores = [answers.explanation.score]
    if answers.counterfactuals is not None:
        scores += [one.score for one in answers.counterfactuals.answers]
    if answers.trial is not None:
        scores += [answers.trial.comparison.before, answers.trial.comparison.after]
    return {answers.model.version, *(one.model_version for one in scores)}


def _other_model() -> Unavailable:
    return Unavailable("Another model has just become live.", retry_after=1.0)
