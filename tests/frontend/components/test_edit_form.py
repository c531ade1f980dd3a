"""Which fields the form has, and what it says of them."""

from frontend.clients.types import Client, Feature, FeatureDictionary, Label, Role, Unit
from frontend.compare_view import CompareView
from frontend.components.edit_form import FIRST, groups, state
from frontend.edits import Edits
from frontend.language import language
from frontend.remote import Failed
from services.common.errors import InvalidInput, Violation

EN = language("en")


def feature(name: str, unit: Unit = Unit.CURRENCY, **more: object) -> Feature:
    return Feature(name, Label(f"{name} fr", f"{name} en"), unit, {}, **{"editable": True, **more})  # type: ignore[arg-type]


DICTIONARY = FeatureDictionary(
    {
        one.name: one
        for one in (
            feature("AMT_CREDIT", minimum=45_000.0, maximum=3_900_000.0),
            feature(FIRST[0], role=Role.HISTORY),
            feature("CODE_GENDER", editable=False),
            feature("FLAG_EMAIL", Unit.FLAG),
            feature("DAYS_EMPLOYED", Unit.DAYS, minimum=-15_000.0, maximum=-1.0),
            feature("BURO_X", role=Role.HISTORY),
        )
    },
    "c",
)
CLIENT = Client(1, {"AMT_CREDIT": 71_000.5, "FLAG_EMAIL": 1.0, "DAYS_EMPLOYED": -913.0}, {})


def fields(name: str):
    return {field["name"]: field for group in groups(CLIENT, DICTIONARY, EN) for field in group["fields"]}[name]


def test_the_lender_s_fields_come_first_and_protected_ones_never() -> None:
    made = groups(CLIENT, DICTIONARY, EN)
    assert [field["name"] for field in made[0]["fields"]] == [FIRST[0]]
    names = [field["name"] for group in made for field in group["fields"]]
    assert sorted(names) == sorted(set(DICTIONARY.features) - {"CODE_GENDER"})
    assert fields("AMT_CREDIT")["main"]
    assert not fields("BURO_X")["main"]


def test_a_field_has_unit_own_value_and_range() -> None:
    credit = fields("AMT_CREDIT")
    assert (credit["text"], credit["suffix"]) == ("71,000.5", "€")
    assert "€71,000" in credit["own"]
    assert "€3,900,000" in credit["own"]
    assert fields("DAYS_EMPLOYED")["text"] == "2.5"
    assert fields("DAYS_EMPLOYED")["own"].endswith("seen: 1\xa0day to 41\xa0years before the application")
    assert [key for key, _name in fields("FLAG_EMAIL")["options"]] == ["", "1", "0"]
    assert fields("BURO_X")["text"] == ""


def test_what_is_changed_is_marked_and_what_is_far_away_is_warned_of() -> None:
    edits = Edits().change("AMT_CREDIT", 9e9, 71_000.5, "1").change("DAYS_EMPLOYED", -30.0, -913.0, "2")
    shown = state(CompareView(edits=edits), DICTIONARY, EN)
    credit, job = shown["fields"]["AMT_CREDIT"], shown["fields"]["DAYS_EMPLOYED"]
    assert shown["undoable"]
    assert credit["changed"]
    assert "uncertain" in credit["warning"]
    assert job["warning"] == ""
    assert "30 days before" in job["meaning"].replace("\u00a0", " ")


def test_a_text_that_means_nothing_is_shown_as_typed_and_counts_for_nothing() -> None:
    view = CompareView(faults={"AMT_CREDIT": "much"})
    credit = state(view, DICTIONARY, EN)["fields"]["AMT_CREDIT"]
    assert credit["text"] == "much"
    assert not credit["changed"]
    assert "not a number" in credit["fault"]


def test_what_the_service_refuses_is_said_at_the_field() -> None:
    refused: Failed = Failed(InvalidInput([Violation("AMT_CREDIT", "-5 is out of range")]))
    view = CompareView(edits=Edits({"AMT_CREDIT": -5.0, "BURO_X": 1.0}), score_after=refused)
    shown = state(view, DICTIONARY, EN)["fields"]
    assert "not possible" in shown["AMT_CREDIT"]["fault"]
    assert shown["BURO_X"]["fault"] == ""
