"""Scores and decisions in words, the same on every page."""

from frontend.clients.types import Band, Decision, Model, Score
from frontend.language import Language


def band_name(band: Band, language: Language) -> str:
    """The name of a risk band: "slightly low risk"."""
    _ = language.gettext
    names = {
        Band.VERY_HIGH: _("very high risk"),
        Band.HIGH: _("high risk"),
        Band.SLIGHTLY_HIGH: _("slightly high risk"),
        Band.MEDIUM: _("medium risk"),
        Band.SLIGHTLY_LOW: _("slightly low risk"),
        Band.LOW: _("low risk"),
        Band.VERY_LOW: _("very low risk"),
    }
    return names[band]


def decision_name(decision: Decision, language: Language) -> str:
    """What the score proposes: "Approval proposed"."""
    if decision is Decision.ACCEPT:
        return language.gettext("Approval proposed")
    return language.gettext("Refusal proposed")


def score_sentence(score: Score, model: Model, language: Language) -> str:
    """The sentence that says a score: probability, band, and the side of the threshold."""
    if score.decision is Decision.ACCEPT:
        sentence = language.gettext(
            "Probability of repayment: {percent}, {band}, above the acceptance threshold of {threshold}."
        )
    else:
        sentence = language.gettext(
            "Probability of repayment: {percent}, {band}, below the acceptance threshold of {threshold}."
        )
    return sentence.format(
        percent=language.format.percent_beside(score.probability_of_repayment, model.threshold),
        band=band_name(score.band, language),
        threshold=language.format.percent_short(model.threshold),
    )


def band_rate_sentence(score: Score, model: Model, language: Language) -> str:
    """What became of clients of the score's band; empty where the model's description does not say."""
    rate = next((one.default_rate for one in model.bands if one.band is score.band), None)
    if rate is None:
        return ""
    percent = language.format.percent
    return language.gettext("Of the clients of this risk band, {rate} did not repay ({low} to {high}).").format(
        rate=percent(rate.value), low=percent(rate.low), high=percent(rate.high)
    )
