"""One person from a file: what is taken, what is refused, and how that is said."""

import csv
import io
import json

import pytest

from frontend.application.reading import MAX_BYTES, ClientFile, read_file
from frontend.application.template import template
from frontend.clients.types import FeatureDictionary
from frontend.language import language
from services.common.errors import InvalidInput

FR, EN = language("fr"), language("en")
VALUES = {"AMT_CREDIT": 200_000.5, "NAME_INCOME_TYPE": "Working", "DAYS_BIRTH": -12_000.0, "FLAG_EMAIL": 1.0}


def read(dictionary: FeatureDictionary, name: str, text: str | bytes) -> ClientFile:
    return read_file(name, text.encode() if isinstance(text, str) else text, dictionary, EN)


def refusals(dictionary: FeatureDictionary, name: str, text: str | bytes) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read(dictionary, name, text)
    return {fault.field: fault.description for fault in caught.value.violations}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "AMT_CREDIT,NAME_INCOME_TYPE,DAYS_BIRTH,FLAG_EMAIL\n200000.5,Working,-12000,1\n"),
        ("a.csv", "\ufeffAMT_CREDIT;NAME_INCOME_TYPE;DAYS_BIRTH;FLAG_EMAIL\r\n200000,5;Working;-12000;1\r\n\r\n"),
        ("a.CSV", 'name,value\nAMT_CREDIT,2.000005e5\nNAME_INCOME_TYPE,"Working"\nDAYS_BIRTH,-12000\n'
                  "FLAG_EMAIL,true\n"),
        ("a.csv", "Name;Value;unit;label;categories\nAMT_CREDIT;200000,5;€;x;\nNAME_INCOME_TYPE;Working;;;a | b\n"
                  "DAYS_BIRTH;-12000;;;\nFLAG_EMAIL;1;;;\nAMT_ANNUITY;;;;\n"),
        ("b.json", json.dumps({**VALUES, "FLAG_EMAIL": True, "AMT_ANNUITY": None, "EXT_SOURCE_1": float("nan")})),
        ("b.json", json.dumps([VALUES])),
    ],
)  # fmt: skip
def test_every_form_of_file_says_the_same(dictionary: FeatureDictionary, name: str, text: str) -> None:
    found = read(dictionary, name, text)
    assert (found.values, found.left_out, found.placeholders) == (VALUES, (), ())


def test_placeholders_of_the_raw_layout_are_missing_values(dictionary: FeatureDictionary) -> None:
    text = "AMT_CREDIT,DAYS_EMPLOYED,ORGANIZATION_TYPE,CODE_GENDER,BURO_COUNT\n1,365243,XNA,XAP,365243\n"
    found = read(dictionary, "a.csv", text)
    assert found.values == {"AMT_CREDIT": 1.0, "BURO_COUNT": 365_243.0}
    assert found.placeholders == ("DAYS_EMPLOYED", "ORGANIZATION_TYPE", "CODE_GENDER")


def test_outcome_identifier_and_derived_features_are_never_taken(dictionary: FeatureDictionary) -> None:
    found = read(dictionary, "a.csv", "SK_ID_CURR,TARGET,AMT_CREDIT,CREDIT_TERM\n100001,1,5,12\n")
    assert found.values == {"AMT_CREDIT": 5.0}
    assert found.left_out == ("SK_ID_CURR", "TARGET", "CREDIT_TERM")


def test_every_fault_names_file_row_and_field(dictionary: FeatureDictionary) -> None:
    text = "name,value\nAMT_CREDIT,much\nSHOE_SIZE,43\nNAME_INCOME_TYPE,Pirate\nAMT_ANNUITY,inf\nAMT_ANNUITY,5\n"
    assert refusals(dictionary, "folder/dossier.csv", text) == {
        "dossier.csv, row 2, AMT_CREDIT": "“much” is not a number",
        "dossier.csv, row 3, SHOE_SIZE": "is not a known field; compare it with the template",
        "dossier.csv, row 4, NAME_INCOME_TYPE": "“Pirate” is not one of its categories: Businessman, Commercial "
        "associate, Maternity leave, Pensioner, State servant, Student, Unemployed, Working",
        "dossier.csv, row 5, AMT_ANNUITY": "“inf” is not a number",
        "dossier.csv, row 6, AMT_ANNUITY": "is given twice",
    }
    text = (
        '{"AMT_CREDIT": [1], "FLAG_EMAIL": 1, "AMT_ANNUITY": true, "CODE_GENDER": 3, "SHOE_SIZE": 4, "FLAG_EMAIL": 0}'
    )
    assert set(refusals(dictionary, "b.json", text)) == {
        "b.json, AMT_CREDIT", "b.json, FLAG_EMAIL", "b.json, AMT_ANNUITY", "b.json, CODE_GENDER", "b.json, SHOE_SIZE"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "where", "why"),
    [
        ("a.xlsx", b"PK", "a.xlsx", "must be a CSV or a JSON file"),
        ("a.csv", b"a" * (MAX_BYTES + 1), "a.csv", "is larger than 256 kB"),
        ("a.csv", "AMT_CREDIT\n1\nétudes".encode("latin-1"), "a.csv, row 3", "is not UTF-8 text"),
        ("a.csv", b" \n", "a.csv", "is empty"),
        ("a.csv", b'AMT_CREDIT\n"1', "a.csv", "a quotation mark is not closed"),
        ("a.csv", b"AMT_CREDIT\n1\n2\n", "a.csv, row 3", "one row below the header, not 2"),
        ("a.csv", b"AMT_CREDIT\n", "a.csv", "one row below the header, not 0"),
        ("a.csv", b"AMT_CREDIT,AMT_ANNUITY\n1\n", "a.csv, row 2", "has 1 values for 2 columns"),
        ("a.csv", b"name,value\nAMT_CREDIT\n", "a.csv, row 2", "without a value"),
        ("b.json", b'{"AMT_CREDIT": 1,\n}', "b.json, row 2", "cannot be read as JSON"),
        ("b.json", b"[" * 100_000, "b.json", "cannot be read as JSON"),
        ("b.json", b'[{"AMT_CREDIT": 1}, {"AMT_CREDIT": 2}]', "b.json", "one person, not 2"),
        ("b.json", b"[]", "b.json", "one person, not 0"),
        ("b.json", b"3", "b.json", "one object"),
    ],
)
def test_what_is_no_file_of_one_person_is_refused(
    dictionary: FeatureDictionary, name: str, content: bytes, where: str, why: str
) -> None:
    ((field, description),) = refusals(dictionary, name, content).items()
    assert field == where
    assert why in description


def test_an_integer_beyond_every_number_is_refused(dictionary: FeatureDictionary) -> None:
    assert set(refusals(dictionary, "b.json", '{"AMT_CREDIT": 1' + "0" * 400 + "}")) == {"b.json, AMT_CREDIT"}


@pytest.mark.parametrize("spoken", [FR, EN])
def test_the_filled_in_template_is_read(dictionary: FeatureDictionary, spoken: object) -> None:
    made = template(dictionary, spoken).decode("utf-8-sig")  # type: ignore[arg-type]
    delimiter = ";" if spoken is FR else ","
    rows = list(csv.DictReader(io.StringIO(made), delimiter=delimiter))
    assert {row["name"] for row in rows} == {n for n, f in dictionary.features.items() if f.role != "derived"}
    assert rows[0]["name"] == "NAME_CONTRACT_TYPE"
    for row in rows:
        row["value"] = str(VALUES.get(row["name"], ""))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    assert read(dictionary, "template.csv", out.getvalue()).values == VALUES
