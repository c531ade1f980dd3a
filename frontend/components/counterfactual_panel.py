"""What would change the decision: answers as cards, within limits that the officer sets."""

from pathlib import Path
from typing import Any

import param

from frontend.clients.changes import Counterfactual, Counterfactuals
from frontend.clients.types import Decision, FeatureDictionary, Model, Unit, Value
from frontend.compare_view import CompareView
from frontend.components.base import Component, styles
from frontend.components.chart_card import failure_text
from frontend.components.feature_search import label_of
from frontend.components.table_file import file_html
from frontend.components.values import value_text
from frontend.language import Language
from frontend.remote import Failed, Pending, Ready

# Shares of clients that are further from their neighbours than the answer is: in words.
_PLAUSIBLE = 0.5
_UNUSUAL = 0.1


class CounterfactualPanel(Component):
    """Tells "find", "limit" (JSON: feature, rule) and "apply" with the position of an answer."""

    answers = param.List([], doc="Sentence, changes, score, plausibility of each")
    limits = param.List([], doc="Feature, label, rules (key, name), rule of each actionable feature")
    message = param.String(doc="Where the search stands")
    busy = param.Boolean(False)
    ready = param.Boolean(False, doc="There is something to look for")
    file = param.String(doc="HTML: the answers as a file; empty without an answer")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("counterfactual_panel.js")
    _stylesheets = styles("counterfactual_panel")

    def __init__(self, language: Language, **params: Any) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "title": _("What would change the decision?"),
                "find": _("Look for changes"),
                "limits": _("Limits of the search"),
                "explain": _("What the client can really change; the rest stays as it is."),
                "apply": _("Put into the form"),
                "answer": _("Answer {number}"),
                "field": _("Field"),
                "before": _("Before"),
                "after": _("After"),
            },
            **params,
        )
        self._language = language

    def display(self, view: CompareView, dictionary: FeatureDictionary, model: Model | None) -> None:
        """Shows what is found for the client of the view, and what it may be."""
        found = view.counterfactuals.value if isinstance(view.counterfactuals, Ready) else None
        self.param.update(
            answers=[self._answer(one, dictionary, model) for one in found.answers] if found else [],
            file=_file(found, self._language) if found and found.answers else "",
            limits=self._limits(view, dictionary),
            message=self._message(view, found),
            busy=isinstance(view.counterfactuals, Pending)
            or (isinstance(view.counterfactuals, Failed) and "progress" in view.counterfactuals.error.details),
            ready=not _accepted(view),
        )

    def _message(self, view: CompareView, found: Counterfactuals | None) -> str:
        _ = self._language.gettext
        text = _("Looks for the smallest plausible changes with which the client, as in the form, would be accepted.")
        if found is not None and found.answers:
            text = "" if found.complete else _("The time was over before all was looked at: there may be better ones.")
        elif found is not None:
            text = _("Within these limits nothing changes the decision.")
        elif _accepted(view):
            text = _("The client, as in the form, is accepted: nothing needs to change.")
        elif isinstance(view.counterfactuals, Pending):
            text = _("Being looked for…")
        elif isinstance(view.counterfactuals, Failed):
            text = failure_text(view.counterfactuals.error, self._language)[0]
        return text

    def _limits(self, view: CompareView, dictionary: FeatureDictionary) -> list[dict[str, object]]:
        _ = self._language.gettext
        percent = self._language.format.percent_short
        fixed = {"": _("free"), "fixed": _("keep as it is")}
        shares = {
            str(share): _("at most {share} more or less").format(share=percent(share)) for share in (0.1, 0.25, 0.5)
        }
        rules = {}
        for feature, limit in view.limits.items():
            rules[feature] = "fixed" if limit.fixed else str(limit.max_relative_change)
        actionable = [feature for feature in dictionary.features.values() if feature.actionable]
        # Flags are many and say yes or no: after the figures.
        actionable.sort(key=lambda feature: feature.unit is Unit.FLAG)
        return [
            {
                "feature": feature.name,
                "label": label_of(feature, self._language),
                "rules": [
                    list(rule)
                    for rule in (
                        fixed if feature.unit is Unit.FLAG or feature.categories else {**fixed, **shares}
                    ).items()
                ],
                "rule": rules.get(feature.name, ""),
            }
            for feature in actionable
        ]

    def _answer(self, answer: Counterfactual, dictionary: FeatureDictionary, model: Model | None) -> dict[str, object]:
        def text(feature: str, value: Value) -> str:
            return value_text(value, dictionary.features[feature], self._language)

        probability = answer.score.probability_of_repayment
        fmt = self._language.format
        return {
            "sentence": answer.sentence,
            "score": self._language.gettext("Probability of repayment then: {percent}.").format(
                percent=fmt.percent_beside(probability, model.threshold) if model else fmt.percent(probability)
            ),
            "plausibility": plausibility_text(answer.plausibility, self._language),
            "changes": [
                [one.label, text(one.feature, one.before), text(one.feature, one.after)] for one in answer.changes
            ],
        }


def _file(found: Counterfactuals, language: Language) -> str:
    rows = [
        (
            number,
            change.feature,
            change.label,
            change.before,
            change.after,
            answer.score.probability_of_repayment,
            answer.plausibility,
        )
        for number, answer in enumerate(found.answers, 1)
        for change in answer.changes
    ]
    header = ("answer", "feature", "label", "before", "after", "probability_of_repayment", "plausibility")
    title = language.gettext("What would change the decision?")
    return str(file_html("counterfactuals", title, header, rows, language))


def plausibility_text(plausibility: float, language: Language) -> str:
    """How plausible (0..1) a client like that is, in words."""
    _ = language.gettext
    if plausibility >= _PLAUSIBLE:
        return _("Very plausible: there are many clients like that.")
    if plausibility >= _UNUSUAL:
        return _("Plausible: there are clients like that.")
    return _("Unusual: hardly any client is like that.")


def _accepted(view: CompareView) -> bool:
    score = view.score_after if view.edits.values else view.score_before
    return isinstance(score, Ready) and score.value.decision is Decision.ACCEPT
