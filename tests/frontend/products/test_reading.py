"""Products from a pasted text or a CSV file, and every fault by file, row and column."""

import pytest

from frontend.language import language
from frontend.products.reading import MAX_BYTES, MAX_PRODUCTS, ProductText, read_file, read_lines
from services.common.errors import InvalidInput

FRENCH, ENGLISH = language("fr"), language("en")


def faults(content, name="produits.csv", spoken=ENGLISH):
    with pytest.raises(InvalidInput) as caught:
        read_file(name, content.encode() if isinstance(content, str) else content, spoken)
    return {fault.field: fault.description for fault in caught.value.violations}


def test_pasted_lines_keep_their_number():
    assert read_lines("towel\n\n  watch \n", ENGLISH) == [ProductText(1, "towel"), ProductText(3, "watch")]


@pytest.mark.parametrize("text", ["", " \n\t\n", "x\n" * (MAX_PRODUCTS + 1)])
def test_nothing_and_too_much_are_refused(text):
    with pytest.raises(InvalidInput) as caught:
        read_lines(text, FRENCH)
    assert caught.value.violations[0].field == "Produits"


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("description\ntowel\n", ["towel"]),
        ('\ufeffNom;Prix;Texte\nServiette;3,5;"bleue; douce\net épaisse"\n', ["Serviette. bleue; douce\net épaisse"]),
        ("id\tproduct_name\tdescription\n1\tMug\t\n\n2\t\tA cable\n", ["Mug", "A cable"]),
        ("text,description\nfirst,second\n", ["second"]),
    ],
)
def test_a_file_gives_name_and_description_of_each_row(content, texts):
    assert [product.text for product in read_file("p.csv", content.encode(), ENGLISH)] == texts


def test_rows_are_those_of_the_file():
    found = read_file("p.csv", b"name\ntowel\n\nwatch\n", ENGLISH)
    assert [product.row for product in found] == [2, 4]


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        ("", "produits.csv", "is empty"),
        ("name\n", "produits.csv", "no products below"),
        ("price\n3\n", "produits.csv, row 1", "none of the columns product_name"),
        ("name,price\ntowel\n", "produits.csv, row 2", "1 values for 2 columns"),
        ("name,price\ntowel,3\n,4\n", "produits.csv, row 3, name", "is empty"),
        ('name\n"towel\n', "produits.csv", "quotation mark"),
        (b"name\ntowel\n\xff\xfe\n", "produits.csv, row 3", "UTF-8"),
        (b"x" * (MAX_BYTES + 1), "produits.csv", "larger than 5 MB"),
        ("name\n" + "towel\n" * (MAX_PRODUCTS + 1), "produits.csv", "more than 5,000 products"),
    ],
)
def test_every_fault_names_file_row_and_column(content, where, what):
    found = faults(content)
    assert list(found) == [where]
    assert what in found[where]


def test_many_faulty_rows_are_counted_and_said_in_the_officers_language():
    found = faults("name,price\n" + ",1\n" * 30, spoken=FRENCH)
    assert len(found) == 21
    assert found["produits.csv, ligne 2, name"] == "est vide"
    assert found["produits.csv"] == "et 10 autres lignes fautives"


def test_a_path_is_not_part_of_the_name():
    assert list(faults("", name="/home/someone/secret/p.csv")) == ["p.csv"]
