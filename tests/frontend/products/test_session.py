"""A job on its way: blocks, waiting for a service that is away, another classifier in between, stopping."""

import asyncio
from dataclasses import dataclass, field

import pytest

from frontend.clients.products import Classified
from frontend.clients.types import Service
from frontend.products import session as products
from frontend.products.reading import ProductText
from frontend.products.session import Job, ProductsSession, ProductsView
from frontend.products.table import COLUMNS, csv_file
from frontend.remote import Failed, Pending
from services.common.errors import FailedPrecondition, InvalidInput, ResourceExhausted, Unavailable, Violation

ITEMS = [ProductText(number, f"product {number}") for number in range(1, 71)]


@dataclass
class Script:
    """Answers in turn: an error, or the version that classifies; the last one for ever."""

    answers: list
    asked: list = field(default_factory=list)

    async def classify(self, texts, version):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.asked.append((list(texts), version))
        if isinstance(answer, Exception):
            raise answer
        return [Classified(text, 0.9, True, False, ()) for text in texts], answer


@dataclass
class Known:
    """The services, as far as a job needs them."""

    products: Script


def session(*answers):
    script = Script(list(answers))
    return ProductsSession(Known(script)), script


async def until(one, condition):
    """Waits for a view that fulfils the condition, and gives all views up to it."""
    seen, reached = [], asyncio.Event()

    def show(view):
        seen.append(view)
        if condition(view):
            reached.set()

    one.attach(show)
    async with asyncio.timeout(30):
        await reached.wait()
    return seen


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(products, "_RETRY_SECONDS", 0.001)


async def test_blocks_are_asked_one_after_the_other_of_one_version():
    one, script = session("v1")
    one.classify(ITEMS, "p.csv")
    await until(one, lambda view: view.job.complete)
    assert [len(texts) for texts, _ in script.asked] == [32, 32, 6]
    assert [version for _, version in script.asked] == ["", "v1", "v1"]
    assert [found.label for found in one.view.job.done] == [item.text for item in ITEMS]
    assert (one.view.job.source, one.view.job.version, one.view.job.running) == ("p.csv", "v1", False)


async def test_a_service_that_is_away_is_waited_for_and_nothing_is_asked_twice():
    one, script = session("v1", Unavailable("…"), ResourceExhausted("…", retry_after=0.001), "v1")
    one.classify(ITEMS)
    seen = await until(one, lambda view: view.job.complete)
    assert [len(texts) for texts, _ in script.asked] == [32, 32, 32, 32, 6]
    assert any(view.outages == {Service.EMBEDDING} for view in seen)
    assert not one.view.outages


async def test_another_classifier_in_between_begins_anew():
    one, script = session("v1", FailedPrecondition("another is live"), "v2")
    one.classify(ITEMS)
    await until(one, lambda view: view.job.complete)
    assert [version for _, version in script.asked] == ["", "v1", "", "v2", "v2"]
    assert len(one.view.job.done) == 70


async def test_what_the_service_refuses_ends_the_job():
    one, _script = session("v1", InvalidInput([Violation("texts[0]", "must not be empty")]))
    one.classify(ITEMS)
    await until(one, lambda view: not view.job.running)
    assert len(one.view.job.done) == 32
    assert isinstance(one.view.blocked, Failed)
    assert not one.view.outages


async def test_stopping_keeps_what_is_there_and_faults_do_not_disturb_a_job():
    one, _script = session("v1", Unavailable("…"))
    one.classify(ITEMS)
    await until(one, lambda view: len(view.job.done) == 32)
    one.refuse([Violation("p.csv", "is empty")])
    assert one.view.job.running
    one.stop()
    assert (one.view.job.running, len(one.view.job.done), one.view.faults[0].field) == (False, 32, "p.csv")
    one.close()


def test_only_the_product_service_is_waited_for():
    view = ProductsView(silent=frozenset(Service), classifier=Pending())
    assert view.outages == {Service.EMBEDDING}
    assert not view.nothing_published


def test_the_file_has_a_row_for_each_product_with_its_evidence():
    job = Job("", ITEMS[:2], (Classified("Watches", 0.51234, True, False, ()),), "v1", running=False)
    header, row = csv_file(job).decode("utf-8-sig").splitlines()
    assert header == ",".join(COLUMNS)
    assert row == "1,product 1,Watches,true,0.5123,false,v1"
