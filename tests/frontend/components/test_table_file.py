"""Tables as files: what the link holds is what the table shows, for a machine."""

import base64
import csv
import io
import re

from support.dictionary import real_dictionary

from frontend.analysis.outcomes import Outcomes
from frontend.application.reading import read_file
from frontend.clients.explanations import ComparableClient, ComparableClients
from frontend.clients.types import Client
from frontend.components.application_cards import values_html
from frontend.components.comparable import comparable_html
from frontend.components.facts import facts_html
from frontend.components.outcome_table import outcomes_html
from frontend.components.table_file import file_html
from frontend.language import language
from frontend.remote import Ready
from pipeline.evaluation.result import Interval

FR = language("fr")


def content_of(html: str) -> bytes:
    """The file that a link holds."""
    found = re.findall(r'href="data:text/csv;charset=utf-8;base64,([^"]+)" download="[\w-]+\.csv"', html)
    assert len(found) == 1
    return base64.b64decode(found[0])


def file_in(html: str) -> list[list[str]]:
    """Its rows."""
    content = content_of(html)
    assert content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_link_says_which_table_it_is_of_and_is_no_markup() -> None:
    html = str(file_html("a-name", "A <title>", ("x",), [(1.5,)], FR))

    assert "Télécharger" in html
    assert "CSV" in html
    assert "A &lt;title&gt;" in html
    assert file_in(html) == [["x"], ["1.5"]]


def test_facts_are_as_the_data_has_them() -> None:
    client = Client(100_001, {"DAYS_BIRTH": -12_500.0, "NAME_FAMILY_STATUS": "Married"}, {})
    rows = {row[0]: row for row in file_in(facts_html(client, real_dictionary(), None, FR))}

    assert rows["DAYS_BIRTH"] == ["DAYS_BIRTH", "Âge", "-12500.0", "days", "", ""]
    assert rows["NAME_FAMILY_STATUS"][2] == "Married"
    assert rows["AMT_CREDIT"][2] == ""


def test_comparable_clients_are_in_one_file() -> None:
    found = ComparableClients((ComparableClient(7, 0.71, 0.2),), (ComparableClient(9, 0.4, 0.3),))

    assert file_in(comparable_html(Ready(found), FR)) == [
        ["decision", "client", "probability_of_repayment", "distance_log_odds"],
        ["accept", "7", "0.71", "0.2"],
        ["refuse", "9", "0.4", "0.3"],
    ]


def test_the_values_of_an_application_can_be_imported_again() -> None:
    values = {"AMT_CREDIT": 12_000.0, "DAYS_BIRTH": -12_500.0, "NAME_FAMILY_STATUS": "Married"}
    content = content_of(values_html(values, real_dictionary(), FR))

    assert dict(read_file("application.csv", content, real_dictionary(), FR).values) == values


def test_figures_of_groups_have_their_intervals() -> None:
    groups = [
        ("all", Outcomes(10, 8, 2, Interval(value=0.25, low=0.1, high=0.5), 0.6)),
        ("none", Outcomes(0, 0, 0, None, None)),
    ]

    assert file_in(str(outcomes_html(groups, FR)))[1:] == [
        ["all", "10", "8", "2", "0.25", "0.1", "0.5", "0.6"],
        ["none", "0", "0", "0", "", "", "", ""],
    ]
