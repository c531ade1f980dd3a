"""Every feature of the dictionary, in both languages, with values of all kinds: none may read badly."""

import re
from collections.abc import Iterator
from itertools import cycle

import pytest

from pipeline.features.describe import unobserved
from pipeline.features.dictionary import Feature, Kind
from pipeline.tables.layout import Unit
from services.explain.words.catalogue import catalogue
from services.explain.words.measures import Measure, Value, aggregate_of, measure_of
from services.explain.words.nouns import known_noun
from services.explain.words.outcomes import Change, comparison_summary
from services.explain.words.reasons import Contribution, reason_sentence
from services.explain.words.standing import Standing

FEATURES = unobserved().features
LANGUAGES = ("fr", "en")
NUMBERS = (0.0, 1.0, 0.25, 2.0, 3.7, 11.0, 80.0, -1.0, -29.0, -12_345.6, 54_321.0, 1e12, -1e12)

VOWEL = "aeiouyàâéèêëîïôûùœh"
MISTAKES = {
    "double space": re.compile(r"[ \u00a0\u202f]{2}"),
    "space before a sign": re.compile(r" [,.;:!?%»]|[,.]{2}|\u00a0[,.]"),
    "name of a column": re.compile(r"[A-Za-z]_|_[A-Za-z]|\b[A-Z]{3,}\b|\bXNA\b|\bXAP\b"),
    "place left open": re.compile(r"[{}]"),
    "missing value": re.compile(r"(?<!^)\bNone\b"),
    "jargon": re.compile(r"\bnan\b|\binf\b|variance|SHAP|log-odds|normalis|percentile|médiane du", re.IGNORECASE),
    "straight quote": re.compile(r"['\"]"),
}
# The mistakes that articles and prepositions can make. "h" stands for the silent one: no aspirated one is used.
FRENCH = {
    "no elision": re.compile(rf"\b(le|la|de|que|ne|se) (?=[{VOWEL}](?!ors\b))", re.IGNORECASE),
    "wrong elision": re.compile(rf"\b[lLdD]’(?![{VOWEL}])|qu’(?![{VOWEL}])", re.IGNORECASE),
    "no contraction": re.compile(r"\bde les?\b|\bà les?\b"),
    "space that breaks": re.compile(r"\d %|\d \d{3}\b|\d €|« | »| :| ;"),
    "English": re.compile(r"\b(the|of|and|is)\b"),
}
ENGLISH = {
    "French": re.compile(r"[éèàçù«»]|\b(le|la|les|du|des|est)\b"),
    "article twice": re.compile(r"\b(the the|of of|total total|the a)\b", re.IGNORECASE),
}


def values(feature: Feature) -> Iterator[Value]:
    yield None
    yield float("nan")
    if feature.kind is Kind.CATEGORY:
        yield from (category.value for category in feature.categories)
    elif feature.unit is Unit.FLAG:
        yield from (0.0, 1.0)
    elif feature.unit is Unit.HOUR:
        yield from (0.0, 1.0, 11.4, 23.0)
    else:
        yield from NUMBERS


def mistakes(text: str, language: str) -> list[str]:
    rules = MISTAKES | (FRENCH if language == "fr" else ENGLISH)
    found = [name for name, rule in rules.items() if rule.search(text)]
    if not re.match(r"[A-ZÀÂÉÈ0-9-]", text) or not text.endswith(".") or text.endswith(".."):
        found.append("no sentence")
    return found


def contribution(feature: Feature, value: Value, percentile: float | None, points: float) -> Contribution:
    number = value if isinstance(value, float) else 0.0
    medians = {0.0: number, 0.873: number / 2 - 1, 0.12: number * 2 + 1, 0.5: number}
    standing = None if percentile is None else Standing(medians[percentile], percentile)
    return Contribution(feature, value, -points, points, standing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_head_noun_is_known(language: str) -> None:
    words = catalogue(language)
    unknown = [f.name for f in FEATURES if measure_of(f) is not Measure.FLAG and known_noun(f, words) is None]
    assert unknown == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flag_says_yes_and_no(language: str) -> None:
    flags = [f for f in FEATURES if measure_of(f) is Measure.FLAG]
    assert len(flags) == 35
    for feature in flags:
        yes, no = ("Y", "N") if feature.kind is Kind.CATEGORY and feature.name != "EMERGENCYSTATE_MODE" else (1.0, 0.0)
        if feature.name == "EMERGENCYSTATE_MODE":
            yes, no = "Yes", "No"
        said = {reason_sentence(Contribution(feature, value, 0.1, -0.1), language) for value in (yes, no)}
        assert len(said) == 2, feature.name
        assert not any(word in text for text in said for word in (" oui", " non,", "“", "«")), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_clean_sentence(language: str) -> None:
    wrong = []
    # Neither divides the number of values: all of them meet in the end.
    places, points = cycle((0.0, 0.873, 0.12, 0.5, None)), cycle((-0.0324, 0.0104, 0.00001))
    for feature in FEATURES:
        for value in values(feature):
            text = reason_sentence(contribution(feature, value, next(places), next(points)), language)
            if found := mistakes(text, language):
                wrong.append((found, text))
    assert wrong[:5] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_is_a_clean_sentence(language: str) -> None:
    wrong = []
    for feature in FEATURES:
        ordered = list(values(feature))[1:]
        for before, after in zip(ordered, ordered[1:] + ordered[:1], strict=True):
            text = comparison_summary(0.43, 0.56, 0.52, [Change(feature, before, after, 0.13)], language)
            if found := mistakes(text, language):
                wrong.append((found, text))
    assert wrong[:5] == []


def test_english_nouns_are_singular() -> None:
    """Only counted plurals are listed as such; another plural would read "the debts is"."""
    words = catalogue("en")
    texts = [noun.text for f in FEATURES if (noun := known_noun(f, words)) and noun.agreement == "s"]
    heads = {
        re.split(r",| (?:of|in|with|to|among|across|since|per|for|relative|accompanying|paid|over|on)\b", text)[0]
        for text in texts
    }
    plural = {head for head in heads if re.search(r"[^s]s$", head.split(" (")[0])}
    assert plural == {"family status"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_the_catalogue_is_idle(language: str) -> None:
    """A phrase, frame, flag or bracket that no feature uses belongs to a label that changed."""
    names = {re.sub(r"_(AVG|MODE|MEDI)$", "", f.name) for f in FEATURES} | {f.name for f in FEATURES}
    names |= {made.column.name for f in FEATURES if (made := aggregate_of(f)) and made.column} | {"FLAG_DOCUMENT"}
    labels = " ".join(f"{f.label_fr} {f.label_en}" for f in FEATURES)
    idle = []
    for key in catalogue(language).entries:
        kind, _, rest = key.partition(".")
        if kind in ("frame", "flag", "phrase", "event") and rest.partition(".")[0] not in names:
            idle.append(key)
        if kind == "qualifier" and f"({rest})" not in labels:
            idle.append(key)
    assert idle == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_head_noun_is_idle(language: str) -> None:
    words = catalogue(language)
    heads = {key.removeprefix("head.") for key in words.entries if key.startswith("head.")}
    said = " ".join(reason_sentence(Contribution(f, None, 0.1, -0.1), language) for f in FEATURES).lower()
    assert [head for head in heads if head not in said] == []
