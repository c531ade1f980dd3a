"""The real stack on free ports, and visits to it."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.embedding import train_classifier
from support.stack import Stack, Visit, published_stack

from services.embedding.encoder import Encoder

# A condition is waited for this long, in milliseconds: a busy machine is no fault of the page.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with closing(published_stack(tmp_path_factory.mktemp("stack"))) as stack:
        yield stack


@pytest.fixture
def stack(_running: Stack) -> Stack:
    """The stack, all of it up."""
    _running.all_up()
    return _running


@pytest.fixture(scope="session")
def _with_products(_running: Stack, exported_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    encoder = Encoder.load(exported_models / "all-MiniLM-L6-v2" / "fp32")
    _running.add_products(exported_models, train_classifier(tmp_path_factory.mktemp("classifier"), encoder))
    return _running


@pytest.fixture
def products(_with_products: Stack) -> Stack:
    """The stack with the embedding service and a published classifier, all of it up."""
    _with_products.all_up()
    return _with_products


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh page; afterwards nothing may have left the machine, and the console must be free of errors."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    result = Visit(page)
    here = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:")
    page.on("request", lambda request: here.match(request.url) or result.outside.append(request.url))
    page.on("pageerror", lambda error: result.errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and result.errors.append(message.text))
    yield result
    page.close()
    assert result.outside == []
    assert result.errors == []
