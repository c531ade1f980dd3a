"""Addresses carry client and language along."""

from frontend.components.navigation import Navigation, PageLink, address
from frontend.language import NAMES, language
from frontend.pages.registry import PAGES, navigation


def test_parameters_without_a_value_are_left_out() -> None:
    assert address("/", {"client": "", "lang": "fr"}) == "./?lang=fr"
    assert address("/variables", {"client": "1", "lang": "en"}) == "variables?client=1&lang=en"
    assert address("/", {}) == "./"


def test_a_value_cannot_break_out_of_its_parameter() -> None:
    assert address("/", {"client": "1&lang=de#x"}) == "./?client=1%26lang%3Dde%23x"


def test_the_open_page_is_marked() -> None:
    links = Navigation((PageLink("/", "Client"), PageLink("/variables", "Variables")), "/variables").links(
        "fr", "7", {}
    )

    assert [link["current"] for link in links] == [False, True]
    assert [link["address"] for link in links] == ["./?client=7&lang=fr", "variables?client=7&lang=fr"]


def test_the_clients_that_are_looked_at_go_along_among_the_analyses() -> None:
    links = navigation(language("fr"), "/variables").links("fr", "", {"decision": "refuse", "band": ""})

    going = [str(link["address"]).partition("?")[0] for link in links if "decision=refuse" in str(link["address"])]
    assert going == ["variables", "croisements", "portefeuille"]


def test_every_page_has_an_address_and_a_name_of_its_own() -> None:
    assert len({entry.path for entry in PAGES}) == len(PAGES)
    for code in NAMES:
        names = [page.name for page in navigation(language(code), "/").pages]
        assert all(names)
        assert len(set(names)) == len(names)
