"""Clauses: what a feature's value says about a client, what changed in it, and what it should be."""

from pipeline.features.dictionary import Feature, Role
from services.explain.words.catalogue import Catalogue
from services.explain.words.measures import (
    BUILDING_ENDINGS,
    Measure,
    Value,
    aggregate_of,
    is_missing,
    is_yes,
    measure_of,
    scale_of,
)
from services.explain.words.nouns import Noun, category_inside, entry_of, noun_of, rows_of
from services.explain.words.quantities import duration_text, quantity_text, same_time

_DOCUMENT = "FLAG_DOCUMENT"


def statement(feature: Feature, value: Value, words: Catalogue) -> str:
    """The value as a clause: "le revenu annuel est de 202 500 €", "le client a 2 enfants"."""
    if value is None or is_missing(value):
        key = "statement.not_given" if feature.role is Role.APPLICATION else "statement.not_known"
        return _with_noun(key, noun_of(feature, words), words)
    measure = measure_of(feature)
    if measure is Measure.FLAG:
        return flag_text(feature, "yes" if is_yes(value) else "no", words) or _plain(feature, value, words)
    if isinstance(value, str):
        return _categorical(feature, value, words)
    return _numeric(feature, value, measure, words)


def change(feature: Feature, before: Value, after: Value, words: Catalogue) -> str:
    """What changed, as a clause: "le montant du crédit passe de 513 000 € à 450 000 €"."""
    noun = noun_of(feature, words)
    if is_missing(after):
        return _with_noun("change.withdrawn", noun, words)
    if measure_of(feature) is Measure.FLAG:
        return statement(feature, after, words)
    if is_missing(before):
        return _with_noun("change.given", noun, words, after=_quantity(feature, after, words))
    old, new = _apart(feature, before, after, words)
    return _with_noun("change.value", noun, words, before=old, after=new)


def condition(feature: Feature, before: Value, after: Value, words: Catalogue) -> str:
    """What should change, as it follows "si": "le montant du crédit était de 450 000 € au lieu de 513 000 €"."""
    if measure_of(feature) is Measure.FLAG and after is not None:
        text = flag_text(feature, "if_yes" if is_yes(after) else "if_no", words)
        if text is not None:
            return text
    category = "_category" if isinstance(after, str) else ""
    noun = noun_of(feature, words)
    if is_missing(before):
        return _with_noun(f"advice.given{category}", noun, words, after=_quantity(feature, after, words))
    old, new = _apart(feature, before, after, words)
    return _with_noun(f"advice.instead{category}", noun, words, before=old, after=new)


def has_frame(feature: Feature, words: Catalogue) -> bool:
    """Whether the feature's value is said in a sentence of its own."""
    return any(words.find(f"frame.{feature.name}{form}") for form in ("", ".other"))


def flag_text(feature: Feature, form: str, words: Catalogue) -> str | None:
    """What a flag says when it is set ("yes") or not ("no"), or as a condition ("if_yes"); null without a text."""
    if feature.name.startswith(f"{_DOCUMENT}_"):
        pattern = words.find(f"flag.{_DOCUMENT}.{form}")
        return pattern.format(number=feature.name.removeprefix(f"{_DOCUMENT}_")) if pattern else None
    return words.find(f"flag.{feature.name}.{form}")


def _categorical(feature: Feature, value: str, words: Catalogue) -> str:
    label = category_inside(feature, value, words)
    if has_frame(feature, words):
        return words.text(f"frame.{feature.name}", value=label, quoted=words.quoted(label))
    return _with_noun("statement.category", noun_of(feature, words), words, value=words.quoted(label))


def _numeric(feature: Feature, value: float, measure: Measure, words: Catalogue) -> str:
    if has_frame(feature, words):
        return _framed(feature, value, measure, words)
    if measure is Measure.SHARE_OF_ROWS and (value <= 0 or value >= 1):
        return _none_or_all(feature, value, words)
    return _dated(feature, value, words) if measure is Measure.DATE else _plain(feature, value, words)


def _framed(feature: Feature, value: float, measure: Measure, words: Catalogue) -> str:
    key = f"frame.{feature.name}"
    text = quantity_text(feature, value, words)
    if measure is Measure.COUNT:
        return words.counted(key, value, value=text)
    return words.text(key, value=text)


def _none_or_all(feature: Feature, value: float, words: Catalogue) -> str:
    aggregate = aggregate_of(feature)
    if aggregate is None:
        return _plain(feature, value, words)
    rows = rows_of(aggregate, words)
    key = "statement.no_rows" if value <= 0 else "statement.all_rows"
    return words.text(key, rows.agreement, rows=rows.text, entry=entry_of(aggregate, words))


def _dated(feature: Feature, value: float, words: Catalogue) -> str:
    noun = noun_of(feature, words)
    same = same_time(feature.unit, value)
    if same:
        return _with_noun(f"statement.{same}", noun, words)
    key = "statement.past" if value <= 0 else "statement.future"
    return _with_noun(key, noun, words, duration=duration_text(feature.unit, value, words))


def _plain(feature: Feature, value: float | str, words: Catalogue) -> str:
    text = quantity_text(feature, value, words)
    scale = scale_of(feature)
    if scale and not isinstance(value, str) and scale[0] <= value <= scale[1]:
        key = "statement.index" if feature.name.endswith(BUILDING_ENDINGS) else "statement.scaled"
        text = words.text(key, value=text, low=str(scale[0]), high=str(scale[1]))
    return _with_noun("statement.value", noun_of(feature, words), words, value=text)


def _with_noun(key: str, noun: Noun, words: Catalogue, **places: str) -> str:
    return words.text(key, noun.agreement, noun=noun.with_article(words), **places)


def _apart(feature: Feature, before: Value, after: Value, words: Catalogue) -> tuple[str, str]:
    """The two values, with as many decimals as tell them apart."""
    old, new = _quantity(feature, before, words), _quantity(feature, after, words)
    if old != new:
        return old, new
    return _quantity(feature, before, words, exact=True), _quantity(feature, after, words, exact=True)


def _quantity(feature: Feature, value: Value, words: Catalogue, *, exact: bool = False) -> str:
    if isinstance(value, str):
        return words.quoted(category_inside(feature, value, words))
    return quantity_text(feature, value, words, exact=exact)
