"""The card of the live model, opened from the page, in a real browser against the real services."""

import json
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = [pytest.mark.browser]

PATIENCE = 60_000


def wait_for_card(address: str) -> None:
    """The dashboard connects again within two seconds; each refusal takes a part of one."""
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            urlopen(address, timeout=30).close()
            return
        except HTTPError:
            assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("language", "link", "heading"), [("fr", "fiche du modèle", "Fiche"), ("en", "model card", "card")]
)
def test_the_footer_opens_the_card_in_a_new_tab(
    stack: Stack, visit: Visit, language: str, link: str, heading: str
) -> None:
    page = visit.page
    page.goto(f"{stack.url}?lang={language}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=link).click(timeout=PATIENCE)
    card = opened.value
    outside: list[str] = []
    card.on("request", lambda request: outside.append(request.url))
    expect(card.locator("html")).to_have_attribute("lang", language)
    expect(card.get_by_role("heading", level=1)).to_contain_text(heading)
    version = json.loads((Path(stack.env["CLAIRSCORE_MODEL_DIR"]) / "manifest.json").read_text())["version"]
    expect(card.get_by_text(version).first).to_be_visible()
    expect(card.locator("figure svg").first).to_be_visible()
    card.get_by_role("navigation").get_by_role("link").last.click()
    assert card.url.startswith(f"{stack.url}model-card?lang={language}#")
    assert outside == []
    # The page that it was opened from is still there.
    expect(page.get_by_role("combobox")).to_be_visible()
    card.close()


def test_the_card_may_do_nothing_but_be_read(stack: Stack) -> None:
    with urlopen(f"{stack.url}model-card?lang=fr", timeout=30) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.read() == (Path(stack.env["CLAIRSCORE_MODEL_DIR"]) / "card.fr.html").read_bytes()
    assert {"default-src 'none'", "sandbox"} <= {part.strip() for part in policy.split(";")}
    assert "script" not in policy


def test_the_default_language_is_french(stack: Stack) -> None:
    for query in ("", "?lang=de"):
        with urlopen(f"{stack.url}model-card{query}", timeout=30) as answer:
            assert b'<html lang="fr"' in answer.read()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr", "Le service de score ne répond pas."), ("en", "The scoring service does not answer.")],
)
def test_without_the_scoring_service_one_sentence_says_so(
    stack: Stack, visit: Visit, language: str, sentence: str
) -> None:
    """Slow: a service has to end and to start again."""
    stack.stop("scoring")
    address = f"{stack.url}model-card?lang={language}"
    with pytest.raises(HTTPError) as refused:
        urlopen(address, timeout=60)
    assert refused.value.code == 503
    page = visit.page
    page.goto(address)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    sentence_page = refused.value.read().decode()
    assert "Traceback" not in sentence_page
    stack.start("scoring")
    wait_for_card(address)
    page.reload()
    expect(page.locator("figure svg").first).to_be_visible()
    # axe is a script, which the page itself does not let run.
    page.goto("about:blank")
    page.set_content(sentence_page)
    assert violations(page) == []
    # The browser writes a refused page to the console.
    visit.errors[:] = [error for error in visit.errors if "503" not in error]
