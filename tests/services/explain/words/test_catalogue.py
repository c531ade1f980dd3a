"""Both languages say the same things, and French is set as a printer would."""

import pytest

from services.common.errors import InvalidInput
from services.explain.words.catalogue import catalogue

FORMS = {"m", "f", "mp", "fp", "s", "p", "zero", "one", "other"}


def keys(language: str) -> set[str]:
    parts = (key.split(".") for key in catalogue(language).entries)
    return {".".join(part for part in key if part not in FORMS) for key in parts if key[0] not in ("head", "qualifier")}


def test_both_languages_have_the_same_texts() -> None:
    assert keys("fr") == keys("en")


def test_no_text_and_no_form_is_empty() -> None:
    for language in ("fr", "en"):
        empty = [key for key, text in catalogue(language).entries.items() if not text]
        assert [key for key in empty if not key.startswith("qualifier.")] in (["other_heads"], [])


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("la annuité", "l’annuité"),
        ("de le montant", "du montant"),
        ("de les crédits", "des crédits"),
        ("de la annuité", "de l’annuité"),
        ("de le écart", "de l’écart"),
        ("de heures", "d’heures"),
        ("de hors région", "de hors région"),
        ("à le jour", "au jour"),
        ("parce que aucun", "parce qu’aucun"),
        ("parce que le", "parce que le"),
        ("de 12 jours", "de 12 jours"),
        ("de « Oui »", "de «\u00a0Oui\u00a0»"),
        ("titre : texte ; suite", "titre\u00a0: texte\u202f; suite"),
        ("n° 3", "n°\u00a03"),
        ("l'âge", "l’âge"),
        ("salle de bain", "salle de bain"),
    ],
)
def test_french_is_set(written: str, set_: str) -> None:
    assert catalogue("fr").typeset(written) == set_


def test_a_sentence_begins_with_a_capital_and_has_one_full_stop() -> None:
    assert catalogue("fr").sentence("la âge est connu") == "L’âge est connu."
    assert catalogue("fr").sentence("échéance.") == "Échéance."
    assert catalogue("en").sentence("age is known") == "Age is known."


def test_no_language_means_french() -> None:
    assert catalogue("") is catalogue("fr")


@pytest.mark.parametrize("language", ["de", "FR", "fr-FR"])
def test_another_language_is_refused(language: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        catalogue(language)
    assert caught.value.violations[0].field == "language"
    assert language in caught.value.violations[0].description
