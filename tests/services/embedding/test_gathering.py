"""Rounds: every text once, equal shares, the order of the answer, the limits, calls that go away."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import ResourceExhausted
from services.embedding.encoder import Embedded, batches
from services.embedding.gathering import Gatherer, shares

lengths = st.lists(st.integers(0, 300), max_size=60)


@given(lengths, st.integers(1, 1000))
def test_batches_hold_every_text_once_within_the_limit_longest_first(lengths, most):
    found = list(batches(lengths, most))
    assert sorted(position for batch in found for position in batch) == list(range(len(lengths)))
    for batch in found:
        longest = max(lengths[position] for position in batch)
        assert len(batch) == 1 or len(batch) * longest <= most
    in_order = [lengths[position] for batch in found for position in batch]
    assert in_order == sorted(lengths, reverse=True)


@given(st.lists(st.integers(1, 500), max_size=40), st.integers(1, 100))
def test_shares_are_equal_except_where_a_call_needs_less(left, most):
    given_ = shares(left, most)
    assert sum(given_) == min(sum(left[:most]), most)
    assert all(0 < share <= need for share, need in zip(given_, left, strict=False))
    unsatisfied = [share for share, need in zip(given_, left, strict=False) if share < need]
    if unsatisfied:
        assert max(given_) <= min(unsatisfied) + 1


def embed(texts):
    """Each text's number, so that an answer shows which text it belongs to."""
    numbers = [int(text.split()[0]) for text in texts]
    return Embedded(np.array(numbers, dtype=np.float32)[:, None], np.array([n % 2 == 1 for n in numbers]))


class Recorder:
    """Embeds, and knows the rounds; holds them until it is let go."""

    def __init__(self, *, held=False):
        self.rounds = []
        self.entered = threading.Event()
        self.released = threading.Event()
        if not held:
            self.released.set()

    def __call__(self, texts):
        self.rounds.append(list(texts))
        self.entered.set()
        self.released.wait(30)
        return embed(texts)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as threads:
        yield threads


def gatherer(work, pool, *, gather_seconds=0.0, round_texts=8, max_waiting=1000):
    return Gatherer(work, pool, gather_seconds=gather_seconds, round_texts=round_texts, max_waiting=max_waiting)


@given(st.lists(st.lists(st.integers(0, 999), min_size=1, max_size=30), min_size=1, max_size=8))
def test_every_call_gets_its_own_texts_in_its_order(calls):
    async def ask():
        work = Recorder()
        with ThreadPoolExecutor(1) as threads:
            one = gatherer(work, threads)
            texts = [[f"{number} {'x' * (number % 7)}" for number in call] for call in calls]
            answers = await asyncio.gather(*(one.embed(call) for call in texts))
        for call, answer in zip(calls, answers, strict=True):
            assert answer.vectors[:, 0].tolist() == call
            assert answer.truncated.tolist() == [number % 2 == 1 for number in call]
        assert sorted(text for round_ in work.rounds for text in round_) == sorted(t for call in texts for t in call)
        assert max(map(len, work.rounds)) <= 8

    asyncio.run(ask())


async def test_calls_that_come_within_the_gathering_time_are_computed_together(pool):
    work = Recorder()
    # Longer than any machine takes to begin four calls; the round is full before.
    one = gatherer(work, pool, gather_seconds=30, round_texts=4)
    await asyncio.gather(*(one.embed([str(number)]) for number in range(4)))
    assert [sorted(round_) for round_ in work.rounds] == [["0", "1", "2", "3"]]


async def test_a_small_call_does_not_wait_for_the_end_of_a_large_one(pool):
    work = Recorder(held=True)
    one = gatherer(work, pool, round_texts=4)
    large = asyncio.create_task(one.embed([str(number) for number in range(40)]))
    await asyncio.to_thread(work.entered.wait, 30)
    small = asyncio.create_task(one.embed(["77"]))
    await asyncio.sleep(0)
    work.released.set()
    assert (await small).vectors.tolist() == [[77]]
    assert any("77" in round_ for round_ in work.rounds[:2])
    assert len((await large).vectors) == 40


async def test_too_many_waiting_texts_are_refused_with_a_time_to_try_again(pool):
    work = Recorder(held=True)
    one = gatherer(work, pool, round_texts=4, max_waiting=1000)
    first = asyncio.create_task(one.embed([str(number) for number in range(1000)]))
    await asyncio.to_thread(work.entered.wait, 30)
    with pytest.raises(ResourceExhausted) as refused:
        await one.embed([str(number) for number in range(5)])
    assert refused.value.retry_after == pytest.approx(996 * 0.01), "nothing has been measured yet"
    work.released.set()
    await first
    assert len((await one.embed([str(number) for number in range(1000)])).vectors) == 1000, "there is room again"


async def test_what_a_call_that_went_away_has_not_begun_is_not_computed(pool):
    work = Recorder(held=True)
    one = gatherer(work, pool, round_texts=4, max_waiting=20)
    gone = asyncio.create_task(one.embed([str(number) for number in range(20)]))
    await asyncio.to_thread(work.entered.wait, 30)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    other = asyncio.create_task(one.embed([str(number) for number in range(100, 120)]))
    await asyncio.sleep(0)
    work.released.set()
    assert len((await other).vectors) == 20
    assert sum(map(len, work.rounds)) == 24, "the round that had begun, and the other call"


async def test_a_failure_reaches_its_calls_and_the_next_ones_are_answered(pool):
    one = gatherer(embed, pool)
    with pytest.raises(ValueError, match="invalid literal"):
        await one.embed(["not a number"])
    assert (await one.embed(["5"])).vectors.tolist() == [[5]]
