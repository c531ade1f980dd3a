"""The form with which an officer changes a client: every editable field, found by group or by search."""

from pathlib import Path
from typing import Any

import param

from frontend.clients.types import Client, Feature, FeatureDictionary, Role, Unit, Value
from frontend.compare_view import CompareView
from frontend.components.base import Component, styles
from frontend.components.feature_search import label_of
from frontend.components.values import options_of, value_text
from frontend.editing import edit_unit, far_outside, value_as_text
from frontend.language import Language

# What the lender asked for first, then what an application is mainly made of.
FIRST = (
    "ACTIVE_AMT_ANNUITY_MAX",
    "ACTIVE_AMT_ANNUITY_MEAN",
    "AMT_REQ_CREDIT_BUREAU_DAY",
    "APPROVED_AMT_GOODS_PRICE_MEAN",
    "PREV_NAME_CONTRACT_STATUS_Canceled_MEAN",
    "PREV_NAME_CONTRACT_STATUS_Unused_offer_MEAN",
)
MAIN = (
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "AMT_GOODS_PRICE",
    "NAME_CONTRACT_TYPE",
    "AMT_INCOME_TOTAL",
    "NAME_INCOME_TYPE",
    "DAYS_EMPLOYED",
    "OCCUPATION_TYPE",
    "ORGANIZATION_TYPE",
    "NAME_EDUCATION_TYPE",
    "NAME_HOUSING_TYPE",
    "FLAG_OWN_REALTY",
    "FLAG_OWN_CAR",
    "OWN_CAR_AGE",
)
_MOST_FOUND = 40


class EditForm(Component):
    """Tells "edit" (JSON: feature, text, stay in the field), "reset" (a feature, or empty for all) and "undo"."""

    groups = param.List([], doc="Name and fields of each group; see ``groups``")
    state = param.Dict(
        {"typed": False, "changed": False, "undoable": False, "fields": {}}, doc="What is changed; see ``state``"
    )
    count = param.String(doc="How much is changed, in words")
    most = param.Integer(_MOST_FOUND, doc="Most fields that a search shows")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("edit_form.js")
    _stylesheets = styles("edit_form")

    def __init__(self, language: Language, **params: Any) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "title": _("Change the client's information"),
                "undo": _("Undo"),
                "reset": _("Reset everything"),
                "back": _("Back to the client's value:"),
                "changed": _("changed"),
                "search": _("Search for another field"),
                "placeholder": _("Label or name, for example debt"),
                "found": _("{count} fields found"),
                "none": _("No field that may be changed is called so."),
            },
            **params,
        )
        self._language = language
        self._of: tuple[object, ...] = ()

    def display(self, client: Client, dictionary: FeatureDictionary, view: CompareView) -> None:
        """Shows the form of a client, with what is changed."""
        if self._of != (client, dictionary):
            self._of = (client, dictionary)
            self.groups = groups(client, dictionary, self._language)
        changed = len(view.edits.values)
        text = self._language.ngettext("{count} field changed", "{count} fields changed", changed)
        self.param.update(
            state=state(view, dictionary, self._language),
            count=text.format(count=changed) if changed else self._language.gettext("Nothing is changed."),
        )


def groups(client: Client, dictionary: FeatureDictionary, language: Language) -> list[dict[str, object]]:
    """All editable fields with the client's own values, in groups; those with ``main`` are shown unasked."""
    _ = language.gettext
    editable = {name: feature for name, feature in dictionary.features.items() if feature.editable}
    chosen = {*FIRST, *MAIN}
    rest = [name for name in editable if name not in chosen]
    names = (
        (_("Followed by the lender"), [name for name in FIRST if name in editable], True),
        (_("Application"), [name for name in MAIN if name in editable], True),
        (_("Application, other fields"), [n for n in rest if editable[n].role is Role.APPLICATION], False),
        (_("History"), [n for n in rest if editable[n].role is not Role.APPLICATION], False),
    )
    return [
        {
            "name": title,
            "fields": [_field(editable[name], client.record.get(name), language, main=main) for name in members],
        }
        for title, members, main in names
    ]


def state(view: CompareView, dictionary: FeatureDictionary, language: Language) -> dict[str, object]:
    """What is changed, by feature. ``typed``: by typing, so that the field in use is left as it is."""
    refused = view.refused
    fields: dict[str, dict[str, object]] = {}
    for name, value in view.edits.values.items():
        feature = dictionary.features[name]
        fields[name] = {
            "text": value_as_text(value, feature, language),
            "changed": True,
            "meaning": _meaning(value, feature, language),
            "warning": _warning(value, feature, language),
            "fault": language.gettext("This value is not possible.") if name in refused else "",
        }
    for name, text in view.faults.items():
        fault = language.gettext("This is not a number; the value before still counts.")
        fields[name] = {**fields.get(name, {"changed": False}), "text": text, "fault": fault}
    return {
        "typed": bool(view.edits.visit) or bool(view.faults),
        "changed": bool(fields),
        "undoable": bool(view.edits.past),
        "fields": fields,
    }


def _field(feature: Feature, own: Value, language: Language, *, main: bool) -> dict[str, object]:
    field: dict[str, object] = {
        "name": feature.name,
        "label": label_of(feature, language),
        "main": main,
        "text": value_as_text(own, feature, language),
        "own": _own(feature, own, language),
    }
    options = options_of(feature, language)
    if options and (own is None or value_as_text(own, feature, language) in options):
        field["options"] = [[key, name] for key, name in options.items()]
    else:
        field["suffix"] = edit_unit(feature, language).suffix
    return field


def _own(feature: Feature, own: Value, language: Language) -> str:
    text = language.gettext("Client: {value}").format(value=value_text(own, feature, language))
    if feature.minimum is None or feature.maximum is None or feature.unit is Unit.FLAG:
        return text
    return f"{text} · {_seen(feature, language)}"


def _seen(feature: Feature, language: Language) -> str:
    ends = [feature.minimum or 0.0, feature.maximum or 0.0]
    lower, upper = (value_text(end, feature, language) for end in ends)
    if feature.unit is Unit.DAYS and max(ends) <= 0:
        # Days before the application count down: the shorter time first, and "before the application" said once.
        lower, upper = (upper if feature.is_age else language.format.duration(ends[1])), lower
    return language.gettext("seen: {lower} to {upper}").format(lower=lower, upper=upper)


def _meaning(value: Value, feature: Feature, language: Language) -> str:
    """What a number of days amounts to."""
    if feature.unit is not Unit.DAYS or value is None:
        return ""
    return language.gettext("That is {value}.").format(value=value_text(value, feature, language))


def _warning(value: Value, feature: Feature, language: Language) -> str:
    if not far_outside(value, feature):
        return ""
    text = language.gettext("Far from what the model has seen ({seen}): its answer is uncertain here.")
    return text.format(seen=_seen(feature, language))
