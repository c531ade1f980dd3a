"""What a letter says."""

from dataclasses import replace
from datetime import date

import pytest

from frontend.clients.changes import Counterfactuals
from frontend.language import language
from frontend.letter.answers import Answers
from frontend.letter.content import compose
from frontend.letter.letter import Letter, Row, Section

TODAY = date(2026, 11, 28)
FR, EN = language("fr"), language("en")


def letter(answers: Answers, code: str = "en", contact: str = "") -> Letter:
    return compose(answers, "A lender", contact, TODAY, language(code))


def section(found: Letter, title: str) -> Section:
    return next(one for one in found.sections if one.title == title)


def rows(found: Section) -> dict[str, Row]:
    assert found.sheet
    return {row.heading: row for group in found.sheet.groups for row in group.rows}


def test_the_proposal_is_the_models_and_the_decision_the_officers(refused: Answers, accepted: Answers) -> None:
    no, yes = letter(refused), letter(accepted)

    assert (no.proposal, no.accepted) == ("Refusal proposed", False)
    assert (yes.proposal, yes.accepted) == ("Approval proposed", True)
    assert "43.1%" in no.score[0]
    assert "52%" in no.score[0]
    assert no.choices == ("Credit granted", "Credit refused")
    assert "your credit officer decides" in no.introduction


def test_particulars_say_who_when_and_which_model(refused: Answers) -> None:
    texts = {entry.term: entry.text for entry in letter(refused, "fr").particulars}

    assert texts == {
        "Votre référence": "100001",
        "Date": "28 novembre 2026",
        "Modèle": "version v7 du 2 novembre 2026",
    }


def test_only_made_up_data_are_said_to_be(refused: Answers, accepted: Answers) -> None:
    assert letter(refused).demonstration
    assert letter(accepted).demonstration == ""


def test_reasons_name_what_is_protected_and_an_empty_side(refused: Answers) -> None:
    favourable, unfavourable = letter(refused).sides

    assert [one.sentence for one in favourable.reasons] == ["nothing important"]
    assert [bool(one.remark) for one in unfavourable.reasons] == [False, True]


def test_data_have_value_source_and_an_effect_that_adds_up(refused: Answers) -> None:
    data = section(letter(refused), "The data that were used")
    found = rows(data)
    points = "\u00a0pts"

    assert found["Age"].cells == ("34\u00a0years", "Loan application", f"−2.0{points}")
    assert found["Age"].remark == "protected by law"
    assert found["Loans known"].cells[-1] == "not used"
    other = found[refused.dictionary.features["BURO_DAYS_CREDIT_VAR"].label.en]
    assert other.cells[1:] == ("Credit bureau", f"+0.6{points}")
    assert data.closing == ("From 50.5%, where the model starts for everybody, all effects together lead to 43.1%.",)


def test_the_outcome_is_nowhere(refused: Answers) -> None:
    for code in ("fr", "en"):
        assert "TARGET" not in repr(letter(refused, code))


def test_advice_is_only_what_the_customer_can_act_on(refused: Answers) -> None:
    found = section(letter(refused), "What would have changed the result")

    assert [item.split(" Probability")[0] for item in found.items] == ["Ask for less credit."]
    assert "55.3%" in found.items[0]


@pytest.mark.parametrize(
    ("complete", "said"), [(True, "none was found that would have changed"), (False, "there may still be one")]
)
def test_no_advice_is_said_with_its_reason(refused: Answers, complete: bool, said: str) -> None:
    found = letter(replace(refused, counterfactuals=Counterfactuals((), complete)))

    assert said in section(found, "What would have changed the result").paragraphs[0]


def test_an_accepted_customer_has_nothing_to_change(accepted: Answers) -> None:
    found = section(letter(accepted), "What would have changed the result")

    assert found.paragraphs == ("The model proposes to grant the credit: nothing would have to change.",)
    assert not found.items


def test_rights_say_where_to_turn(refused: Answers) -> None:
    assert section(letter(refused, contact="0800 000 000"), "Your rights").closing == (
        "To use these rights: 0800 000 000",
    )
    assert "branch" in section(letter(refused), "Your rights").closing[0]


def test_a_scenario_is_shown_before_and_after(tried: Answers) -> None:
    found = section(letter(tried), "What was tried with you: less <credit>")
    total = rows(found)["Probability of repayment"]

    assert total.cells == ("43.1%", "55.3%", "+12.2\u00a0pts")
    assert rows(found)["Amount of the credit"].cells[:2] == ("€1,200,000", "€900,000")


def test_the_gauge_writes_the_score_beside_the_threshold(refused: Answers) -> None:
    gauge = letter(refused, "fr").gauge

    assert "43,1" in gauge
    assert "seuil 52" in gauge
    assert gauge.count("<path") == len(refused.model.bands) + 1
