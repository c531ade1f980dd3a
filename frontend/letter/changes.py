"""What would have changed the result: counterfactuals that a customer can act on, and a scenario that was tried."""

from frontend.clients.changes import Counterfactual
from frontend.components.counterfactual_panel import plausibility_text
from frontend.components.values import value_text
from frontend.language import Language
from frontend.letter.answers import Answers, Trial
from frontend.letter.letter import Row, RowGroup, Section, Sheet


def changes_section(answers: Answers, language: Language) -> Section:
    """The changes that were found; or that none was needed, or none found."""
    _ = language.gettext
    title = _("What would have changed the result")
    found = answers.counterfactuals
    if found is None:
        return Section(title, (_("The model proposes to grant the credit: nothing would have to change."),))
    advice = [one for one in found.answers if _may_be_advised(one, answers)]
    if not advice:
        none = (
            _("Among the changes that a customer can make, none was found that would have changed the proposal.")
            if found.complete
            else _("No such change was found in the time of the search; there may still be one.")
        )
        return Section(title, (none,))
    closing = [_("This is no promise: a new application is assessed anew.")]
    if not found.complete:
        closing.insert(0, _("The search was limited in time: there may be other changes."))
    return Section(
        title,
        (_("Each of the following would have been enough for the model to propose to grant the credit."),),
        items=tuple(_advice(one, answers, language) for one in advice),
        closing=tuple(closing),
    )


def trial_section(trial: Trial, answers: Answers, language: Language) -> Section:
    """Before and after: what the scenario changes, and what each change does to the probability."""
    _ = language.gettext
    fmt, threshold = language.format, answers.model.threshold
    compared = trial.comparison
    features = answers.dictionary.features
    rows = [
        Row(
            one.label,
            (
                value_text(one.before, features[one.feature], language),
                value_text(one.after, features[one.feature], language),
                fmt.points(one.points),
            ),
            _("protected by law") if features[one.feature].protected else "",
        )
        for one in compared.changes
    ]
    before, after = compared.before.probability_of_repayment, compared.after.probability_of_repayment
    percents = [fmt.percent_beside(one, threshold) for one in (before, after)]
    total = Row(_("Probability of repayment"), (*percents, fmt.points(after - before)))
    return Section(
        _("What was tried with you: {name}").format(name=trial.name),
        (compared.summary,),
        sheet=Sheet(
            (_("Data"), _("Before"), _("After"), _("Effect")),
            (RowGroup(_("What each change does"), rows), RowGroup(_("All changes together"), (total,))),
        ),
        closing=(_("A trial and no advice: it changes nothing of your file, and a new application is assessed anew."),),
    )


def _may_be_advised(answer: Counterfactual, answers: Answers) -> bool:
    """The explain service gives no other; a letter that may not be wrong looks again."""
    features = [answers.dictionary.features.get(one.feature) for one in answer.changes]
    return all(feature is not None and feature.actionable and not feature.protected for feature in features)


def _advice(answer: Counterfactual, answers: Answers, language: Language) -> str:
    then = language.gettext("Probability of repayment then: {percent}.").format(
        percent=language.format.percent_beside(answer.score.probability_of_repayment, answers.model.threshold)
    )
    return f"{answer.sentence} {then} {plausibility_text(answer.plausibility, language)}"
