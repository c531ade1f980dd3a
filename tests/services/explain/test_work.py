"""Work beside the event loop: told to stop when nobody waits, and never answering what does not add up."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from services.common.status import to_status
from services.explain.explainer import NotAdditive
from services.explain.work import Work


@pytest.fixture
def work():
    with ThreadPoolExecutor(1) as pool:
        yield Work(pool)


async def test_the_result_is_given_and_the_work_is_not_stopped_before(work):
    assert await work.run(lambda stop: stop()) is False


async def test_a_caller_who_goes_stops_the_work(work):
    begun, ended = threading.Event(), threading.Event()

    def until_stopped(stop):
        begun.set()
        while not stop():
            pass
        ended.set()

    running = asyncio.create_task(work.run(until_stopped))
    await asyncio.to_thread(begun.wait, 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await asyncio.to_thread(ended.wait, 30)


async def test_time_that_is_over_stops_the_work(work):
    def until_stopped(stop):
        looks = 0
        while not stop():
            looks += 1
        return looks

    assert await work.run(until_stopped, seconds=0.05) > 0
    # There was none from the beginning.
    assert await work.run(until_stopped, seconds=-1.0) == 0


async def test_what_does_not_add_up_is_an_internal_error(work):
    def inexact(_):
        raise NotAdditive("The contributions miss the margin by 0.1.")

    with pytest.raises(NotAdditive) as caught:
        await work.run(inexact)
    assert to_status(caught.value).code is grpc.StatusCode.INTERNAL
