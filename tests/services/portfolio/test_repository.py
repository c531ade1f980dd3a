"""The repositories on both databases, compared with plain Python over the same clients."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from pipeline.features.dictionary import Feature, FeatureDictionary, Kind, Role
from pipeline.model.manifest import Band, Decision
from pipeline.tables.layout import Unit
from services.common.errors import Unavailable
from services.portfolio.database import Database
from services.portfolio.domain import Publication
from services.portfolio.search import AnyOf, Filter, Query, Range

_DICTIONARY = FeatureDictionary(
    features=(
        Feature(
            name="AMT_CREDIT",
            label_fr="Montant du crédit",
            label_en="Credit amount",
            kind=Kind.NUMBER,
            role=Role.APPLICATION,
            unit=Unit.CURRENCY,
            source_table="application",
            missing_rate=0.25,
            minimum=1.5,
            editable=True,
            protected=False,
        ),
    )
)


def _clients(count=300, seed=0):
    random = np.random.default_rng(seed)
    ids = sorted({int(i) for digits in (1, 3, 6, 12) for i in random.integers(1, 10**digits, count // 4)})
    bands, decisions = list(Band), list(Decision)

    def maybe(value):
        return None if random.random() < 0.2 else value

    return [
        {
            "sk_id_curr": sk_id_curr,
            "gender": maybe(str(random.choice(["F", "M"]))),
            "age": maybe(float(random.uniform(20, 70))),
            "income": maybe(float(random.integers(1, 50) * 10_000)),
            "credit": maybe(float(random.lognormal(11))),
            "contract_type": maybe(str(random.choice(["Cash loans", "Revolving loans"]))),
            "income_type": maybe("Working"),
            "education": maybe("Secondary / secondary special"),
            "family_status": maybe("Épouse d'été % _"),
            "probability_of_default": float(default := random.random()),
            "probability_of_repayment": 1 - float(default),
            "band": bands[int(random.integers(7))].value,
            "decision": decisions[int(random.integers(2))].value,
            "expected_default_rate": maybe(float(random.random())),
        }
        for sk_id_curr in ids
    ]


def _publication(clients, file="one.duckdb"):
    return Publication(
        model_version="m1",
        published_at=datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        clients=len(clients),
        lowest_id=clients[0]["sk_id_curr"],
        highest_id=clients[-1]["sk_id_curr"],
        synthetic=True,
        dictionary=_DICTIONARY,
        features_file=file,
        features_sha256="0" * 64,
    )


async def _publish(database, publication, clients, keep=1):
    async with database.writing() as unit:
        await unit.publications.add(publication)
        await unit.clients.add(publication, [clients[:100], clients[100:]])
        await unit.publications.go_live(publication)
        await unit.publications.prune(keep)


@pytest.fixture
async def database(database_url):
    database = Database(database_url)
    yield database
    await database.close()


async def test_nothing_is_live_in_an_empty_database(database):
    async with database.reading() as unit:
        assert await unit.publications.live_file() is None


async def test_a_publication_is_read_as_it_was_written(database):
    clients = _clients()
    publication = _publication(clients)
    await _publish(database, publication, clients)
    async with database.reading() as unit:
        assert await unit.publications.live_file() == "one.duckdb"
        found = await unit.publications.get("one.duckdb")
    assert found == publication
    assert found.published_at.utcoffset() == timedelta(0)
    assert found.published_at.astimezone(UTC).hour == 10


_QUERIES = {
    "all": (Query(), lambda c: True),
    "prefix": (Query("1"), lambda c: str(c["sk_id_curr"]).startswith("1")),
    "longer prefix": (Query("42"), lambda c: str(c["sk_id_curr"]).startswith("42")),
    "leading zero": (Query("0"), lambda c: False),
    "category": (Query("", (Filter("gender", AnyOf(("F",))),)), lambda c: c["gender"] == "F"),
    "unknown category": (Query("", (Filter("gender", AnyOf(("x",))),)), lambda c: False),
    "wildcards are letters": (
        Query("", (Filter("family_status", AnyOf(("Épouse d'été % _",))),)),
        lambda c: c["family_status"] is not None,
    ),
    "two categories": (
        Query("", (Filter("band", AnyOf(("low", "very_high"))),)),
        lambda c: c["band"] in ("low", "very_high"),
    ),
    "range": (
        Query("", (Filter("age", Range(30.0, 40.0)),)),
        lambda c: c["age"] is not None and 30 <= c["age"] <= 40,
    ),
    "inclusive": (
        Query("", (Filter("income", Range(100_000.0, 200_000.0)),)),
        lambda c: c["income"] is not None and 100_000 <= c["income"] <= 200_000,
    ),
    "open range": (
        Query("", (Filter("probability_of_repayment", Range(0.5, None)),)),
        lambda c: c["probability_of_repayment"] >= 0.5,
    ),
    "any value": (Query("", (Filter("credit", Range(None, None)),)), lambda c: c["credit"] is not None),
    "everything": (
        Query(
            "1",
            (
                Filter("gender", AnyOf(("F", "M"))),
                Filter("decision", AnyOf(("accept",))),
                Filter("age", Range(None, 60.0)),
            ),
        ),
        lambda c: (
            str(c["sk_id_curr"]).startswith("1")
            and c["gender"] is not None
            and c["decision"] == "accept"
            and c["age"] is not None
            and c["age"] <= 60
        ),
    ),
}


@pytest.mark.parametrize("name", _QUERIES)
async def test_search_finds_what_plain_python_finds(database, name):
    clients = _clients()
    publication = _publication(clients)
    await _publish(database, publication, clients)
    query, matches = _QUERIES[name]
    expected = [client for client in clients if matches(client)]
    async with database.reading() as unit:
        assert await unit.clients.count(publication, query) == len(expected)
        after, found = 0, []
        while page := await unit.clients.page(publication, query, after, 7):
            found += page
            after = page[-1].sk_id_curr
    assert [c.sk_id_curr for c in found] == [c["sk_id_curr"] for c in expected]
    for summary, client in zip(found, expected, strict=True):
        assert (summary.age, summary.income, summary.credit) == (client["age"], client["income"], client["credit"])
        assert summary.contract_type == client["contract_type"]
        assert summary.score.probability_of_default == client["probability_of_default"]
        assert summary.score.expected_default_rate == client["expected_default_rate"]
        assert (summary.score.band, summary.score.decision) == (client["band"], client["decision"])
        assert summary.score.model_version == "m1"


async def test_a_score_is_found_by_identifier(database):
    clients = _clients()
    publication = _publication(clients)
    await _publish(database, publication, clients)
    async with database.reading() as unit:
        score = await unit.clients.score(publication, clients[5]["sk_id_curr"])
        assert score is not None
        assert score.probability_of_repayment == clients[5]["probability_of_repayment"]
        assert await unit.clients.score(publication, 2**63 - 1) is None


async def test_a_reader_keeps_its_moment_while_another_publication_takes_over(database):
    old, new = _clients(seed=1), _clients(seed=2)
    first = _publication(old)
    second = replace(_publication(new, "two.duckdb"), model_version="m2")
    await _publish(database, first, old)
    async with database.reading() as before:
        assert await before.publications.live_file() == "one.duckdb"
        await _publish(database, second, new)
        async with database.reading() as after:
            assert await after.publications.live_file() == "two.duckdb"
            assert await after.clients.page(first, Query(), 0, 10) == []
            page = await after.clients.page(second, Query(), 0, 1000)
            assert [c.sk_id_curr for c in page] == [c["sk_id_curr"] for c in new]
        assert await before.publications.live_file() == "one.duckdb"
        page = await before.clients.page(first, Query(), 0, 1000)
        assert [c.sk_id_curr for c in page] == [c["sk_id_curr"] for c in old]


async def test_the_last_publications_are_kept_and_can_be_live_again(database):
    clients = _clients()
    published = [_publication(clients, f"{number}.duckdb") for number in range(4)]
    for publication in published:
        await _publish(database, publication, clients, keep=3)
    async with database.writing() as unit:
        assert await unit.publications.kept_files() == {"1.duckdb", "2.duckdb", "3.duckdb"}
        assert await unit.clients.page(published[0], Query(), 0, 1) == []
        assert await unit.publications.previous() == published[2]
        await unit.publications.go_live(published[2])
        await unit.publications.prune(3)
    async with database.reading() as unit:
        # What was returned from is gone; what was before is still there.
        assert await unit.publications.live_file() == "2.duckdb"
        assert await unit.publications.kept_files() == {"1.duckdb", "2.duckdb"}
        assert len(await unit.clients.page(published[2], Query(), 0, 1000)) == len(clients)
        assert await unit.publications.previous() == published[1]
    await _publish(database, _publication(clients, "4.duckdb"), clients, keep=2)
    async with database.reading() as unit:
        assert await unit.publications.kept_files() == {"2.duckdb", "4.duckdb"}
        assert (await unit.publications.previous()) == published[2]


async def test_nothing_is_before_the_first_publication(database):
    async with database.reading() as unit:
        assert await unit.publications.previous() is None
        assert await unit.publications.kept_files() == set()
    clients = _clients()
    await _publish(database, _publication(clients), clients)
    async with database.reading() as unit:
        assert await unit.publications.previous() is None


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError, KeyboardInterrupt])
async def test_an_interrupted_publication_leaves_no_trace(database, error):
    old, new = _clients(seed=1), _clients(seed=2)
    await _publish(database, _publication(old), old)
    second = _publication(new, "two.duckdb")

    async def interrupted():
        async with database.writing() as unit:
            await unit.publications.add(second)
            await unit.clients.add(second, [new])
            await unit.publications.go_live(second)
            raise error

    with pytest.raises(error):
        await interrupted()
    async with database.reading() as unit:
        assert await unit.publications.live_file() == "one.duckdb"
        assert len(await unit.clients.page(_publication(old), Query(), 0, 1000)) == len(old)
        assert await unit.clients.page(second, Query(), 0, 1) == []


async def test_no_server_is_unavailable(tmp_path):
    database = Database(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(Unavailable) as caught:
        async with database.reading():
            pass
    assert str(tmp_path) not in caught.value.message
    await database.close()
