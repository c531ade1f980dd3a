from pathlib import Path

from pipeline.features.describe import unobserved
from pipeline.features.page import page

COMMITTED = Path(__file__).parents[3] / "docs" / "features.md"


def rows():
    """The table's lines as cells, by feature name."""
    lines = [line for line in page(unobserved()).splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_every_feature_has_a_line_of_ten_cells_in_order():
    assert list(rows()) == [feature.name for feature in unobserved().features]
    assert {len(row) for row in rows().values()} == {9}


def test_lines_say_what_the_features_are():
    assert rows()["AMT_CREDIT"][2:] == ["currency", "application", "AMT_CREDIT", "", "yes", "any, 1000", ""]
    assert rows()["CODE_GENDER"][2:] == ["none", "application", "CODE_GENDER", "", "", "", "yes"]
    assert rows()["INSTAL_DPD_MAX"][2:] == [
        "days",
        "installments_payments",
        "DAYS_ENTRY_PAYMENT, DAYS_INSTALMENT",
        "MAX",
        "",
        "",
        "",
    ]
    assert rows()["NAME_CONTRACT_TYPE"][-2] == "any"


def test_the_committed_page_is_current():
    expected = page(unobserved())
    assert COMMITTED.read_text(encoding="utf-8") == expected, "run `clairscore dictionary --out docs/features.md`"
