"""What the page of new applications says of a form, of a file, and of what was stored."""

from collections.abc import Mapping, Sequence

from frontend.application.form import Step, titles
from frontend.application.reading import ClientFile
from frontend.application.view import ApplicationView
from frontend.clients.applications import Application
from frontend.clients.types import Feature, Model, Score
from frontend.components.wording import band_name, decision_name, score_sentence
from frontend.language import Language


def states(
    view: ApplicationView, features: Mapping[Step, Sequence[Feature]], language: Language
) -> list[dict[str, object]]:
    """How far each step is, as ``Steps`` shows it; ``features`` are those that each asks for."""
    named, faults, missing = titles(language), view.faults, view.missing
    found: list[dict[str, object]] = []
    for step in Step:
        names = {one.name for one in features[step]}
        wrong, lacking, known = (len(names & set(some)) for some in (faults, missing, view.values))
        text = ""
        if wrong:
            text = language.ngettext("{count} to correct", "{count} to correct", wrong).format(count=wrong)
        elif lacking:
            text = language.ngettext("{count} required", "{count} required", lacking).format(count=lacking)
        elif known:
            text = language.ngettext("{count} given", "{count} given", known).format(count=known)
        elif step is not Step.REVIEW:
            text = language.gettext("optional")
        insisting = bool(wrong or (lacking and step in view.left))
        found.append({"key": step.value, "name": named[step], "state": text, "wrong": insisting})
    return found


def import_sentence(found: ClientFile | None, language: Language) -> str:
    """What was taken from a file, and what was not; empty when there was none."""
    if found is None:
        return ""
    _ = language.gettext
    count = len(found.values)
    text = language.ngettext("{count} value taken from {file}.", "{count} values taken from {file}.", count)
    parts = [text.format(count=language.format.integer(count), file=found.name)]
    if found.left_out:
        text = _("Left out, never information about a person: {names}.")
        parts.append(text.format(names=", ".join(found.left_out)))
    if found.placeholders:
        parts.append(_("Taken as not known: {names}.").format(names=", ".join(found.placeholders)))
    return " ".join(parts)


def stored_sentence(application: Application, model: Model | None, language: Language) -> str:
    """What the score was when the application was stored."""
    _ = language.gettext
    score, day = application.score, language.format.date(application.stored_at)
    if model is not None and model.version == score.model_version:
        return _("Stored on {day}. {sentence}").format(day=day, sentence=score_sentence(score, model, language))
    return _("Stored on {day}. Probability of repayment then: {percent}, {band} (model {version}).").format(
        day=day,
        percent=language.format.percent(score.probability_of_repayment),
        band=band_name(score.band, language),
        version=score.model_version,
    )


def present_note(application: Application, present: Score | None, model: Model | None, language: Language) -> str:
    """What the present model makes of a stored application, when it is another one; empty when it is the same.

    Reasons and chart on the page are always the present model's.
    """
    _ = language.gettext
    if present is None or model is None or present.model_version == application.score.model_version:
        return ""
    percent = language.format.percent_beside(present.probability_of_repayment, model.threshold)
    if present.decision is application.score.decision:
        text = _(
            "The present model gives {percent} and proposes the same. Gauge, reasons and chart are the present model's."
        )
    else:
        text = _(
            "The present model gives {percent} and would propose the opposite: {proposal}. "
            "Gauge, reasons and chart are the present model's."
        )
    note = text.format(percent=percent, proposal=decision_name(present.decision, language))
    if application.obsolete:
        note += " " + _("Left out, because the model's features have changed since: {names}.").format(
            names=", ".join(application.obsolete)
        )
    return note
