"""Reading a products file: columns, categories, specifications, and what is said of every fault."""

import csv
from pathlib import Path

import pytest

from pipeline.products import table
from pipeline.products.catalogue.generate import generate
from pipeline.products.table import Products
from services.common.errors import InvalidInput

HEADER = ["uniq_id", "product_name", "description", "product_category_tree", "brand", "product_specifications"]
LAMP = ["1", "Lamp", "A lamp.", '["Home Decor >> Lamps >> Lamp"]', "Jaspe", '{"product_specification"=>[]}']
MOUSE = ["2", "Mouse", "A mouse.", '["Computers >> Mice"]', "", "nil"]


def write(folder: Path, *rows: list[str], header: list[str] = HEADER) -> Path:
    file = folder / "shop.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return file


def faults(file: Path, **options: int) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        table.read(file, **options)
    return {fault.field.removeprefix(f"{file}: "): fault.description for fault in refused.value.violations}


def test_reads_what_is_there(tmp_path: Path) -> None:
    specified = '{"product_specification"=>[{"key"=>"Type", "value"=>"Eye\\"let"}, {"value"=>"1 Year"}]}'
    found = table.read(write(tmp_path, [*LAMP[:5], specified], MOUSE), least=1)

    assert [row.category for row in found.rows] == ["Home Decor", "Computers"]
    assert found.categories == ("Computers", "Home Decor")
    assert found.rows[0].specification == 'Type Eye"let 1 Year'
    assert found.rows[1].specification == found.rows[1].brand == ""
    assert not found.synthetic


@pytest.mark.parametrize(
    ("tree", "main"),
    [
        ('["A >> B"]', "A"),
        ('["A"]', "A"),
        ("A >> B", "A"),
        ("A", "A"),
        ('[" >> B"]', None),
        ("[]", None),
        ("[null]", None),
        ("nil", None),
        ('{"a": 1}', None),
    ],
)
def test_main_category_is_the_first_level(tree: str, main: str | None) -> None:
    assert table.main_category(tree) == main


def test_names_the_columns_that_are_missing(tmp_path: Path) -> None:
    missing = faults(write(tmp_path, ["1", "x"], header=["uniq_id", "product_name"]))

    assert set(missing) == {"description", "product_category_tree"}


def test_names_row_and_column_of_every_fault(tmp_path: Path) -> None:
    file = write(tmp_path, LAMP, ["1", "Mouse", " ", '[" >> Mice"]', "", ""], [*MOUSE[:3], ""])

    assert faults(file) == {
        "description, row 3": "is missing",
        "product_category_tree, row 3": "has no main category: '[\" >> Mice\"]'",
        "uniq_id, row 3": "'1' is in row 2 already",
        "product_category_tree, row 4": "is missing",
    }


@pytest.mark.parametrize("missing", ["", "NaN", "nil", "null"])
def test_what_stands_for_nothing_is_missing(tmp_path: Path, missing: str) -> None:
    assert faults(write(tmp_path, LAMP, ["2", missing, *MOUSE[2:]])) == {"product_name, row 3": "is missing"}


def test_names_the_row_that_has_too_many_values(tmp_path: Path) -> None:
    found = faults(write(tmp_path, LAMP, [*MOUSE, "a comma", "without quotation marks"]))

    assert found == {"row 3": "has more values than the header has columns (6)"}


def test_the_same_product_twice_is_refused(tmp_path: Path) -> None:
    found = faults(write(tmp_path, LAMP, MOUSE, ["3", *LAMP[1:]]))

    assert set(found) == {"description, row 4"}
    assert "that of row 2" in found["description, row 4"]


@pytest.mark.parametrize(("content", "fault"), [("", "is empty"), (",".join(HEADER), "no products below")])
def test_refuses_a_file_without_products(tmp_path: Path, content: str, fault: str) -> None:
    file = tmp_path / "shop.csv"
    file.write_text(content, encoding="utf-8")

    assert fault in faults(file)[str(file)]


def test_says_which_category_has_too_few_products(tmp_path: Path) -> None:
    file = write(tmp_path, LAMP, ["3", "Other lamp", *LAMP[2:]], MOUSE)

    assert faults(file, least=2) == {"product_category_tree": "'Computers' has 1 products; 2 are needed"}


def test_counts_the_faults_that_it_does_not_name(tmp_path: Path) -> None:
    file = write(tmp_path, *([str(n), "", "text", "A", "", ""] for n in range(50)))

    assert faults(file)[str(file)] == "has 30 more faults of this kind"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00p", b'product_name,description,product_category_tree\n"a,b,c'])
def test_refuses_what_is_not_csv(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(content)

    assert str(file) in faults(file)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path / "none.csv")[str(tmp_path / "none.csv")]


def test_catalogue_is_marked_and_complete(products: Products) -> None:
    assert products.synthetic
    assert len(products.rows) == 140
    assert len(products.categories) == 7
    assert all(row.brand and row.specification for row in products.rows)


def test_same_seed_gives_the_same_catalogue(catalogue: Path, tmp_path: Path) -> None:
    for seed in (7, 8):
        generate(tmp_path / f"{seed}.csv", 20, seed)

    assert (tmp_path / "7.csv").read_bytes() == catalogue.read_bytes()
    assert (tmp_path / "8.csv").read_bytes() != catalogue.read_bytes()
