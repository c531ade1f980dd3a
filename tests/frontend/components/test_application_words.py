"""What is said of a stored application under the model that gave its score, and under another one."""

from dataclasses import replace

from frontend.application.reading import ClientFile
from frontend.clients.applications import Application, ApplicationSummary
from frontend.clients.types import Band, Decision, Model, Score
from frontend.components.application_cards import recent_html
from frontend.components.application_words import import_sentence, present_note, stored_sentence
from frontend.language import language
from frontend.remote import Ready

EN = language("en")
MODEL = Model("v2", "2026-11-22T00:00:00Z", 0.52, ())
THEN = Score(0.6, Band.LOW, Decision.ACCEPT, "v1")
STORED = Application("abc", "Mme <b>Martin</b>", {"AMT_CREDIT": 1.0}, THEN, "2026-11-28T10:00:00Z")


def test_under_the_same_model_the_sentence_is_the_usual_one() -> None:
    same = replace(MODEL, version="v1")
    assert "above the acceptance threshold of 52%" in stored_sentence(STORED, same, EN)
    assert present_note(STORED, THEN, same, EN) == ""


def test_under_another_model_version_and_difference_are_said() -> None:
    assert "then: 60.0%, low risk (model v1)" in stored_sentence(STORED, MODEL, EN)
    alike = present_note(STORED, replace(THEN, probability_of_repayment=0.55, model_version="v2"), MODEL, EN)
    assert alike.startswith("The present model gives 55.0% and proposes the same.")
    refused = Score(0.5196, Band.MEDIUM, Decision.REFUSE, "v2")
    opposite = present_note(replace(STORED, obsolete=("FLAG_EMAIL",)), refused, MODEL, EN)
    assert "51.96% and would propose the opposite: Refusal proposed" in opposite
    assert opposite.endswith("features have changed since: FLAG_EMAIL.")


def test_the_list_marks_the_open_one_and_a_reference_cannot_be_markup() -> None:
    one = ApplicationSummary("abc", STORED.reference, STORED.stored_at, None, 200_000.0, THEN)
    other = replace(one, identifier="def", reference="")
    html = recent_html(Ready((one, other)), "abc", "100001", EN)
    assert html.count('aria-current="page"') == 1
    assert "Mme &lt;b&gt;Martin" in html
    assert "Application of November 28, 2026" in html
    assert "demande?application=def&amp;client=100001&amp;lang=en" in html


def test_what_was_not_taken_from_a_file_is_said() -> None:
    found = ClientFile("a.csv", {"AMT_CREDIT": 1.0}, ("TARGET",), ("DAYS_EMPLOYED",))
    assert import_sentence(found, EN) == (
        "1 value taken from a.csv. Left out, never information about a person: TARGET. "
        "Taken as not known: DAYS_EMPLOYED."
    )
    assert import_sentence(None, EN) == ""
