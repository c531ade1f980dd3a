"""The catalogues: complete, without leftovers, with the same placeholders as the source."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import frontend
from frontend.language import CATALOGUES, DEFAULT, NAMES, SOURCE, language

FRONTEND = Path(frontend.__file__).parent
TRANSLATED = sorted(set(NAMES) - {SOURCE})
Message = str | tuple[str, ...]


@pytest.fixture(scope="module")
def source() -> set[Message]:
    """Every text in the code; plural ones as pairs."""
    keywords = {"gettext": None, "_": None, "ngettext": (1, 2)}
    found = extract_from_dir(FRONTEND, method_map=[("**.py", "python")], keywords=keywords)
    return {message for _, _, message, _, _ in found}


def catalogue(code: str) -> dict[Message, Message]:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return {entry.id: entry.string for entry in read_po(file, locale=code) if entry.id and not entry.fuzzy}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_and_none_is_left_over(code: str, source: set[Message]) -> None:
    texts = catalogue(code)

    assert source
    assert set(texts) == source
    assert all(all(text) if isinstance(text, tuple) else text for text in texts.values())


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_have_the_placeholders_of_the_source(code: str) -> None:
    for ids, texts in catalogue(code).items():
        wanted = placeholders(ids[-1] if isinstance(ids, tuple) else ids)
        for text in texts if isinstance(texts, tuple) else (texts,):
            assert placeholders(text) == wanted, text


def test_french_sets_no_ordinary_space_before_high_punctuation() -> None:
    for texts in catalogue("fr").values():
        for text in texts if isinstance(texts, tuple) else (texts,):
            assert not re.search(r" [:;!?%»]|« ", text), text


def test_the_default_stands_in_for_a_language_that_we_do_not_speak() -> None:
    assert language("de").code == DEFAULT == "fr"


def test_plurals_follow_the_language() -> None:
    french, english = language("fr"), language("en")

    assert french.ngettext("{count} day", "{count} days", 0) == "{count} jour"
    assert english.ngettext("{count} day", "{count} days", 0) == "{count} days"
