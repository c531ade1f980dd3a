"""The customer's letter, fetched from the page in a real browser, and what is said where there is none."""

import io
import re
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

FIRST = 100_001
# A letter is printed in a process of its own; explanations of the portfolio are computed while the first tests run.
PATIENCE = 90_000


def panel(page: Page, name: str = "Explication pour le client") -> Locator:
    return page.get_by_role("region", name=name)


def wait_for_letter(address: str) -> bytes:
    """The letter, once nothing is in its way any more."""
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            with urlopen(address, timeout=60) as answer:
                return bytes(answer.read())
        except HTTPError:
            assert time.monotonic() < deadline


def refusal(address: str) -> HTTPError:
    with pytest.raises(HTTPError) as refused:
        urlopen(address, timeout=60)
    return refused.value


def test_the_officer_takes_the_letter_in_the_customers_language(stack: Stack, visit: Visit) -> None:
    page = visit.page
    # Explained by now, or soon.
    wait_for_letter(f"{stack.url}lettre?client={FIRST}")
    page.goto(f"{stack.url}?client={FIRST}")
    for language, file, heading in (
        ("English", f"explanation-{FIRST}.pdf", "Explanation of your credit application"),
        ("Français", f"explication-{FIRST}.pdf", "Explication de votre demande de crédit"),
    ):
        with page.expect_download(timeout=PATIENCE) as taken:
            panel(page).get_by_role("link", name=language).click(timeout=PATIENCE)
        assert taken.value.suggested_filename == file
        expect(panel(page).get_by_role("status")).to_contain_text(f"La lettre est prête\u00a0: {file}")
        reader = PdfReader(taken.value.path())
        text = reader.pages[0].extract_text()
        score, _model = stack.score(FIRST)
        percent = f"{100 * score.probability_of_repayment:.1f}"
        assert heading in " ".join(text.split())
        assert re.search(percent.replace(".", "[.,]"), text)
    assert violations(page) == []


def test_the_letter_of_a_saved_scenario_has_both_versions(stack: Stack, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{stack.url}comparaison?client={FIRST + 3}")
    field = page.get_by_role("textbox", name=re.compile("^Montant du crédit"))
    field.fill("123456")
    name = page.get_by_role("textbox", name="Nom du scénario")
    name.fill("Moins de crédit")
    page.get_by_role("button", name="Enregistrer").click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("scenario="))
    link = panel(page).get_by_role("link", name="Français")
    expect(link).to_have_attribute("href", re.compile("scenario="))
    file = wait_for_letter(stack.url + str(link.get_attribute("href")))
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(file)).pages).split())
    assert "Moins de crédit" in text
    assert "123 456" in text.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_file_may_not_be_kept_or_guessed_at(stack: Stack) -> None:
    with urlopen(f"{stack.url}lettre?client={FIRST + 1}&lang=en", timeout=60) as answer:
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="explanation-{FIRST + 1}.pdf"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("client=99&lang=fr", 404, "Aucun client n’a l’identifiant 99"),
        ("client=99&lang=fr&page=en", 404, "There is no client with the identifier 99"),
        ("client=abc&lang=en", 400, "An identifier has digits only."),
        ("", 400, "Un identifiant n’a que des chiffres."),
        (f"client={FIRST}&scenario=none&lang=en", 404, "The scenario of this link does not exist"),
    ],
)
def test_a_wrong_address_gets_a_readable_page(stack: Stack, query: str, status: int, said: str) -> None:
    refused = refusal(f"{stack.url}lettre?{query}")
    assert refused.code == status
    assert refused.headers["Content-Type"] == "text/html; charset=utf-8"
    assert said in refused.read().decode()


@pytest.mark.slow
def test_without_the_explain_service_the_page_says_so_and_stays(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    page.goto(f"{stack.url}?client={FIRST + 1}")
    link = panel(page).get_by_role("link", name="English")
    expect(link).to_be_visible(timeout=PATIENCE)
    stack.stop("explain")
    link.click()
    expect(panel(page).get_by_role("status")).to_contain_text("Un service nécessaire à la lettre", timeout=PATIENCE)
    refused = refusal(f"{stack.url}lettre?client={FIRST + 1}")
    assert refused.code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    stack.start("explain")
    assert wait_for_letter(f"{stack.url}lettre?client={FIRST + 1}").startswith(b"%PDF")
    with page.expect_download(timeout=PATIENCE) as taken:
        link.click()
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    # The browser writes a refused file to the console.
    visit.errors[:] = [error for error in visit.errors if "503" not in error]
