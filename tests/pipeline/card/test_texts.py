import re

from pipeline.card.texts import texts

PLACES = re.compile(r"{(\w+)}")


def test_both_languages_say_the_same_things() -> None:
    french, english = texts("fr").entries, texts("en").entries
    assert french.keys() == english.keys()
    for key in french:
        assert set(PLACES.findall(french[key])) == set(PLACES.findall(english[key])), key
        assert english[key].strip()


def test_languages_differ() -> None:
    french, english = texts("fr").entries, texts("en").entries
    sentences = [key for key in french if len(french[key]) > 25]
    assert [key for key in sentences if french[key] == english[key]] == []


def test_french_signs_are_never_parted_from_their_word() -> None:
    assert not [text for text in texts("fr").entries.values() if re.search(r"\S [:;?!%»]|« ", text)]


def test_names_of_values() -> None:
    assert texts("fr").name("group.gender", "F") == "Femmes"
    assert texts("en").name("group.gender", "F") == "Women"
    assert texts("en").name("group.gender", "other") == "other"
