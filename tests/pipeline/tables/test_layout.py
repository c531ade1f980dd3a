"""The catalogue is complete: what a person reads exists for every column and category, in both languages."""

import pytest

from pipeline.tables.layout import ColumnType, layout

COLUMNS = [column for table in layout().values() for column in table.columns.values()]
CATEGORIES = [(column, category) for column in COLUMNS for category in column.categories]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.table}.{column.name}")
def test_every_column_has_labels_in_sentence_case(column):
    for label in (column.label_fr, column.label_en):
        assert label == label.strip()
        assert label
        assert label[0].isupper()
        assert column.name not in label


def test_every_category_has_labels_that_differ_within_its_column():
    for column, category in CATEGORIES:
        assert category.label_fr, (column.name, category.value)
        assert category.label_en, (column.name, category.value)
    for column in COLUMNS:
        for labels in ([c.label_fr for c in column.categories], [c.label_en for c in column.categories]):
            # Two placeholders may both read "not stated"; two real categories may not.
            assert len(set(labels)) == len(labels), column.name


def test_every_category_column_lists_its_categories():
    for column in COLUMNS:
        assert bool(column.categories) == (column.type is ColumnType.CATEGORY), column.name


def test_law_protects_gender_age_family_and_social_circle():
    protected = {column.name for column in COLUMNS if column.protected}
    assert protected == {
        "CODE_GENDER",
        "DAYS_BIRTH",
        "NAME_FAMILY_STATUS",
        "CNT_CHILDREN",
        "CNT_FAM_MEMBERS",
        "OBS_30_CNT_SOCIAL_CIRCLE",
        "DEF_30_CNT_SOCIAL_CIRCLE",
        "OBS_60_CNT_SOCIAL_CIRCLE",
        "DEF_60_CNT_SOCIAL_CIRCLE",
    }


def test_an_officer_edits_no_protected_column_and_no_external_score():
    editable = {column.name for column in COLUMNS if column.editable}
    assert {"AMT_CREDIT", "AMT_ANNUITY", "DAYS_EMPLOYED", "NAME_EDUCATION_TYPE"} <= editable
    assert not any(column.editable and column.protected for column in COLUMNS)
    assert not any(name.startswith("EXT_SOURCE") or name.endswith(("_AVG", "_MODE", "_MEDI")) for name in editable)


def test_the_layout_has_the_columns_of_the_real_files(shared_data):
    for table in layout().values():
        for name in ("application_train", "application_test") if table.name == "application" else (table.name,):
            folder = "home-credit-installments-partial" if name == "installments_payments" else "home-credit"
            with (shared_data / folder / f"{name}.csv").open() as stream:
                columns = stream.readline().strip().split(",")
            optional = {"TARGET"} if name == "application_test" else set()
            assert set(columns) == set(table.columns) - optional, name
