"""The noun for a feature, with the agreement that the words around it take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.features.dictionary import Feature, FeatureCategory
from pipeline.features.family import Aggregate, Wording
from pipeline.tables.layout import Category, Unit
from services.explain.words.catalogue import Catalogue
from services.explain.words.measures import BUILDING_ENDINGS, Measure, aggregate_of, measure_of

_BRACKET = re.compile(r" \(([^()]*)\)$")
# Quotations and brackets.
_SET_APART = re.compile(r"«.*?»|“.*?”|\(.*?\)")
_PLURAL = "p"


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun without its article. ``agreement`` is a key of the catalogue's forms: "m", "fp" … in French."""

    text: str
    agreement: str

    def with_article(self, words: Catalogue) -> str:
        """The noun with its definite article, before elision: ``"la annuité"``."""
        return words.text("article", self.agreement, noun=self.text)


def label(feature: Feature, language: str) -> str:
    """The feature's label in a language, as in the dictionary."""
    return feature.label_fr if language != "en" else feature.label_en


@lru_cache(maxsize=2048)
def noun_of(feature: Feature, words: Catalogue) -> Noun:
    """The noun for a feature; where its head is not in the catalogue, "information" with the label in quotes."""
    return _closed(known_noun(feature, words) or _item(feature, words))


def known_noun(feature: Feature, words: Catalogue) -> Noun | None:
    """The noun for a feature, null where it is a flag's label or its head noun is not in the catalogue."""
    if measure_of(feature) is Measure.FLAG:
        return None
    phrase = words.find(f"phrase.{feature.name}")
    if phrase is not None:
        return _noun(phrase, words)
    aggregate = aggregate_of(feature)
    if aggregate is not None:
        return _of_aggregate(aggregate, words)
    return _counted(_noun(_without_bracket(feature, words), words), feature.unit, words)


def inside(text: str, words: Catalogue) -> str:
    """A label as it stands inside a sentence; acronyms keep their capitals."""
    return text if text[1:2].isupper() else words.typeset(text[:1].lower() + text[1:])


def rows_of(aggregate: Aggregate, words: Catalogue) -> Noun:
    """The rows that a history feature is made of, in the plural."""
    rows = aggregate.subset.rows_fr if words.language == "fr" else aggregate.subset.rows_en
    if aggregate.column is not None:
        rows = words.find(f"rows.{aggregate.subset.prefix}") or rows
    return _noun(rows, words) or Noun(rows, "")


def entry_of(aggregate: Aggregate, words: Catalogue) -> str:
    """The category whose share a history feature is, in quotes and with its column."""
    column = aggregate.column
    if column is None:
        return ""
    name = column.label_fr if words.language == "fr" else column.label_en
    category = _category(column.categories, aggregate.category, words)
    return words.quoted(words.text("aggregate.entry", column=inside(name, words), category=category))


def category_inside(feature: Feature, value: str, words: Catalogue) -> str:
    """The label of a category inside a sentence; English keeps its capital, as of a weekday."""
    return _category(feature.categories, value, words)


def _category(categories: Sequence[Category | FeatureCategory], value: str, words: Catalogue) -> str:
    found = next((c for c in categories if c.value == value), None)
    if found is None:
        return value
    return inside(found.label_fr, words) if words.language == "fr" else found.label_en


def _closed(noun: Noun) -> Noun:
    """The noun with a comma behind it if one was opened in it, as before "hors intérêts"."""
    opened = _SET_APART.sub("", noun.text).count(",") % 2
    return Noun(f"{noun.text},", noun.agreement) if opened else noun


def _item(feature: Feature, words: Catalogue) -> Noun:
    text = words.text("item", label=label(feature, words.language))
    found = _noun(text, words)
    return found or Noun(text, "")


def _noun(text: str, words: Catalogue) -> Noun | None:
    head = _head(text, words)
    agreement = words.find(f"head.{head}") or words.text("other_heads")
    return Noun(text, agreement) if agreement else None


def _head(text: str, words: Catalogue) -> str:
    """The longest beginning of the text that is a head noun of the catalogue; all of the text where none is."""
    ends = [match.start() for match in re.finditer(r"[ ,]|$", text)]
    return next((text[:end] for end in reversed(ends) if words.find(f"head.{text[:end]}")), text)


def _counted(noun: Noun | None, unit: Unit, words: Catalogue) -> Noun | None:
    """A plural that is counted, as "consultations", becomes their number."""
    if noun is None or unit is not Unit.COUNT or not noun.agreement.endswith(_PLURAL):
        return noun
    return _noun(words.text("aggregate.count_of", noun=noun.text), words)


def _without_bracket(feature: Feature, words: Catalogue) -> str:
    text = label(feature, words.language)
    bracket = _BRACKET.search(text)
    qualifier = words.find(f"qualifier.{bracket[1]}") if bracket else None
    ending = next((e for e in BUILDING_ENDINGS if feature.name.endswith(e)), "")
    stem = words.find(f"phrase.{feature.name.removesuffix(ending)}")
    if bracket is None or qualifier is None:
        return stem or inside(text, words)
    return (stem or inside(text[: bracket.start()], words)) + qualifier


def _of_aggregate(aggregate: Aggregate, words: Catalogue) -> Noun | None:
    rows = rows_of(aggregate, words)
    key = f"aggregate.{aggregate.aggregation}"
    if aggregate.column is None:
        return _noun(words.text(key, rows=rows.text), words)
    if aggregate.aggregation == "SHARE":
        return _noun(words.text(key, rows=rows.text, entry=entry_of(aggregate, words)), words)
    inner = _of_column(aggregate, words)
    if inner is None:
        return None
    if aggregate.aggregation == "VAR":
        return _noun(words.text(key, noun=inner.with_article(words), rows=rows.text), words)
    form = words.text(f"aggregate.form.{aggregate.aggregation}.{_form(aggregate)}", inner.agreement)
    head = _head(inner.text, words)
    text = words.text(key, head=head, rest=inner.text.removeprefix(head), form=form, rows=rows.text)
    return Noun(text, inner.agreement)


def _of_column(aggregate: Aggregate, words: Catalogue) -> Noun | None:
    column = aggregate.column
    if column is None:
        return None
    event = words.find(f"event.{column.name}") if aggregate.aggregation in ("MIN", "MAX") else None
    name = column.label_fr if words.language == "fr" else column.label_en
    return _noun(event or words.find(f"phrase.{column.name}") or inside(name, words), words)


def _form(aggregate: Aggregate) -> str:
    if aggregate.column is not None and aggregate.column.unit is Unit.HOUR:
        return "hour"
    if aggregate.wording not in (Wording.DATE, Wording.MONTH):
        return "amount"
    # A date that may lie after the application is "late", not "recent".
    coming = aggregate.wording is Wording.DATE and aggregate.column is not None and not aggregate.column.past
    return "late" if coming and aggregate.aggregation == "MAX" else "date"
