"""The form of the search by attributes, and the table of the clients that it finds."""

from collections.abc import Sequence

from frontend.clients.types import Band, ClientSummary, Decision, FeatureDictionary, SearchResults
from frontend.components.client_search import client_count
from frontend.components.feature_search import label_of
from frontend.components.fieldset import Field
from frontend.components.values import value_text
from frontend.components.wording import band_name, decision_name
from frontend.finding import CATEGORIES, FROM, PAGE, RANGES, TO, Finding, faults, filters
from frontend.language import Language
from frontend.remote import Failed, NotAsked, Ready

_UNITS = {"income": "€", "credit": "€", "probability_of_repayment": "%"}


def fields(finding: Finding, dictionary: FeatureDictionary, language: Language) -> list[Field]:
    """The form's fields: lists of categories and outcomes, then the ends of the numbers."""
    _ = language.gettext
    texts, wrong = finding.texts, faults(finding.texts)
    anything = {"": _("Any")}
    made = []
    for name, feature_name in CATEGORIES.items():
        feature = dictionary.features.get(feature_name)
        if feature is not None:
            options = anything | {one: value_text(one, feature, language) for one in feature.categories}
            made.append(Field(name, label_of(feature, language), texts.get(name, ""), options))
    decisions = anything | {one.value: decision_name(one, language) for one in Decision}
    bands = anything | {one.value: band_name(one, language) for one in Band}
    made.append(Field("decision", _("Decision"), texts.get("decision", ""), decisions))
    made.append(Field("band", _("Risk band"), texts.get("band", ""), bands))
    names = {
        "age": _("Age"),
        "income": _("Annual income"),
        "credit": _("Credit amount"),
        "probability_of_repayment": _("Probability of repayment"),
    }
    for name in RANGES:
        for end, label in ((FROM, _("{name}, from")), (TO, _("{name}, to"))):
            error = ""
            if name + end in wrong:
                unreadable = wrong[name + end]
                error = _("This is not a number.") if unreadable else _("Nobody: the end lies before the beginning.")
            unit = _UNITS.get(name, _("years"))
            text = texts.get(name + end, "")
            made.append(Field(name + end, label.format(name=names[name]), text, unit=unit, error=error))
    return made


def status(finding: Finding, language: Language) -> str:
    """How many clients were found, and which of them are shown; or why there are none."""
    _ = language.gettext
    match finding.found:
        case Ready(value=found) if not found.total:
            return _("No client satisfies all of this.")
        case Ready(value=found):
            first = PAGE * (len(finding.tokens) - 1)
            text = _("{count}; shown: {first} to {last}")
            return text.format(
                count=client_count(found.total, language),
                first=language.format.integer(first + 1),
                last=language.format.integer(first + len(found.clients)),
            )
        case Failed():
            return _("The search does not answer at the moment.")
        case NotAsked() if faults(finding.texts):
            return _("Correct the marked fields.")
        case NotAsked() if not filters(finding.texts):
            return _("Choose at least one attribute.")
    return _("Being searched…")


def header(language: Language) -> list[str]:
    """The headings of the table's columns."""
    _ = language.gettext
    return [
        _("Client"),
        _("Age"),
        _("Annual income"),
        _("Credit amount"),
        _("Contract"),
        _("Probability of repayment"),
        _("Risk band"),
    ]


def rows(found: SearchResults, dictionary: FeatureDictionary, language: Language) -> list[dict[str, object]]:
    """The table's rows: the client's identifier and the other cells."""
    return [{"id": str(one.sk_id_curr), "cells": _cells(one, dictionary, language)} for one in found.clients]


def _cells(client: ClientSummary, dictionary: FeatureDictionary, language: Language) -> Sequence[str]:
    contract = dictionary.features.get(CATEGORIES["contract_type"])
    amounts = (language.format.currency(one) if one is not None else "–" for one in (client.income, client.credit))
    return [
        language.format.years(client.age) if client.age is not None else "–",
        *amounts,
        value_text(client.contract_type, contract, language) if contract and client.contract_type else "–",
        language.format.percent(client.score.probability_of_repayment),
        band_name(client.score.band, language),
    ]
