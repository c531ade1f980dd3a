"""The customer's own client 204020, of the real data, on every page of a real browser."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.journeys import PATIENCE, label, shown
from support.stack import Stack, Visit, published_stack

from frontend.language import language
from pipeline.features.build import build
from pipeline.training.train import train

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLIENT = 204_020
FR = language("fr")


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that serves some thousand real applicants, the customer's client among them, without histories."""
    folder = tmp_path_factory.mktemp("real")
    with closing(published_stack(folder, partial(train_on_applications, shared_data))) as stack:
        stack.all_up()
        yield stack


def train_on_applications(shared_data: Path, folder: Path) -> Path:
    """Features of a part of the applications, and a quick model of them."""
    source, data = shared_data / "home-credit-application", folder / "data"
    data.mkdir()
    pq.write_table(
        pq.read_table(source / "application_train.parquet").slice(0, 3000), data / "application_train.parquet"
    )
    new = pq.read_table(source / "application_test.parquet")
    some = pa.concat_tables([new.filter(pc.equal(new["SK_ID_CURR"], CLIENT)), new.slice(0, 300)])
    pq.write_table(some, data / "application_test.parquet")
    build(data, folder / "features.parquet")
    train(folder / "features.parquet", folder / "model", folds=2, trees=60, threads=1, tolerance=None)
    return folder / "model"


def open_page(stack: Stack, page: Page, path: str = "") -> None:
    page.goto(f"{stack.url}{path}?client={CLIENT}")
    expect(page.locator("html.ready")).to_be_attached()


def meter(page: Page, number: int) -> Locator:
    return page.get_by_role("meter").nth(number)


def test_the_client_is_opened_edited_and_compared(real: Stack, visit: Visit) -> None:
    """Slow: a model is trained. Only real values show that ranges, units and missing histories are told as they are."""
    page = visit.page
    own = real.score(CLIENT)[0]
    open_page(real, page)
    expect(page.get_by_role("heading", name=f"Client {CLIENT}")).to_be_visible(timeout=PATIENCE)
    expect(meter(page, 0)).to_have_attribute("aria-valuenow", shown(own.probability_of_repayment), timeout=PATIENCE)
    reasons = page.get_by_role("region", name="Raisons principales", exact=True)
    expect(reasons.get_by_role("listitem").first).to_be_visible(timeout=PATIENCE)
    # There is no history in these data, and the page makes none up.
    history = page.get_by_role("region", name="Historique dans d’autres établissements")
    expect(history).to_contain_text("Rien n’est connu.")
    expect(page.get_by_text("Données de démonstration")).to_be_hidden()
    assert violations(page) == []

    open_page(real, page, "comparaison")
    form = page.get_by_role("region", name="Modifier les informations du client")
    income = form.get_by_label(label("AMT_INCOME_TOTAL", FR), exact=True)
    expect(income).to_be_visible(timeout=PATIENCE)
    expect(meter(page, 0)).to_have_attribute("aria-valuenow", shown(own.probability_of_repayment), timeout=PATIENCE)
    income.fill("71 000")
    edited = real.score(CLIENT, AMT_INCOME_TOTAL=71_000.0)[0]
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(edited.probability_of_repayment))
    expect(page.get_by_role("region", name="Effet de chaque modification").get_by_role("img")).to_be_visible()
    # The lender's own fields lead the form; those of histories have no value here, and take one.
    followed = form.get_by_label(label("ACTIVE_AMT_ANNUITY_MAX", FR), exact=True)
    expect(followed).to_have_value("")
    followed.fill("12 000")
    expect(form.get_by_text("2 champs modifiés")).to_be_visible()
    both = real.score(CLIENT, AMT_INCOME_TOTAL=71_000.0, ACTIVE_AMT_ANNUITY_MAX=12_000.0)[0]
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(both.probability_of_repayment))
    assert violations(page) == []


@pytest.mark.parametrize("path", ["variables", "croisements", "portefeuille"])
def test_the_analyses_show_the_real_portfolio(real: Stack, visit: Visit, path: str) -> None:
    """Slow: shares the stack of the test before."""
    page = visit.page
    open_page(real, page, path)
    expect(page.get_by_text(re.compile("Portefeuille publié le"))).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".bk-Figure").first).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []
