"""The dictionary as a table."""

from dataclasses import replace

from support.dictionary import real_dictionary

from frontend.components.feature_table import FeatureTable, cells
from frontend.feature_session import read_look, write_look
from frontend.language import language

EN = language("en")


def test_each_row_says_what_a_feature_is() -> None:
    features = real_dictionary().features
    credit = replace(features["AMT_CREDIT"], minimum=45_000.0, maximum=90_000.0, missing_rate=0.125)

    assert list(cells(credit, EN)) == [
        "euros", "application, AMT_CREDIT", "€45,000 to €90,000", "12.5%", "the officer and the customer",
    ]  # fmt: skip
    assert cells(features["CODE_GENDER"], EN)[-1].endswith("; protected by law")
    assert cells(features["NAME_CONTRACT_TYPE"], EN)[2] == "2 categories"


def test_the_table_holds_what_contains_the_text_with_links() -> None:
    dictionary = real_dictionary()
    table = FeatureTable(EN)
    table.display(None, dictionary, "7")
    assert (table.open, table.rows) == (False, [])
    assert table.file == "dictionnaire.csv?lang=en"
    table.display("AMT_CREDIT", dictionary, "7")
    assert table.open
    assert table.rows[0][:3] == ["AMT_CREDIT", "Credit amount", "variables?variable=AMT_CREDIT&client=7&lang=en"]
    assert len(table.rows) < len(dictionary.features)
    table.display("", dictionary, "7")
    assert table.said == f"{len(dictionary.features)} features"
    table.display("nothing like it", dictionary, "7")
    assert "nothing like it" in table.said


def test_the_link_tells_closed_from_everything() -> None:
    assert [read_look(write_look(one)) for one in (None, "", "income")] == [None, "", "income"]
    assert read_look("income") == "income"
