"""The file that an officer fills in to import a person: a row for every feature, with unit, label and categories."""

import csv
import io

from frontend.application.form import FEATURES, base_features
from frontend.clients.types import Feature, FeatureDictionary, Unit
from frontend.components.feature_search import label_of
from frontend.language import Language

# The columns of the file; the last three are for whoever fills it in.
HEADER = ("name", "value", "unit", "label", "categories")


def template(dictionary: FeatureDictionary, language: Language) -> bytes:
    """A CSV file in UTF-8 that spreadsheets of the officer's language open as a table; all values are empty.

    The features of the form come first, in its order.
    """
    known = base_features(dictionary)
    first = [name for names in FEATURES.values() for name in names if name in known]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if language.code == "fr" else ",")
    writer.writerow(HEADER)
    for name in dict.fromkeys((*first, *known)):
        feature = known[name]
        writer.writerow(
            (name, "", unit(feature, language), label_of(feature, language), " | ".join(feature.categories))
        )
    return text.getvalue().encode("utf-8-sig")


def unit(feature: Feature, language: Language) -> str:
    """The unit in which the data has a feature, in words."""
    _ = language.gettext
    units = {
        Unit.CURRENCY: "€",
        Unit.DAYS: _("days; negative: before the application"),
        Unit.MONTHS: _("months"),
        Unit.YEARS: _("years"),
        Unit.SHARE: _("share, 1 is 100%"),
        Unit.FLAG: _("1: yes, 0: no"),
        Unit.HOUR: _("h"),
    }
    return units.get(feature.unit, "")
