"""A call that is replaced, refused or tried again."""

import asyncio

from frontend.remote import Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import FailedPrecondition, NotFound, Unavailable


class States:
    """What was published, and a way to wait for it."""

    def __init__(self) -> None:
        self.seen: list[Remote[str]] = []
        self._came = asyncio.Event()

    def publish(self, state: Remote[str]) -> None:
        self.seen.append(state)
        self._came.set()

    async def reach(self, state: Remote[str]) -> None:
        async with asyncio.timeout(5):
            while self.seen[-1:] != [state]:
                self._came.clear()
                await self._came.wait()


async def test_the_answer_follows_the_wait() -> None:
    states = States()

    async def call() -> str:
        return "answer"

    LatestCall[str](states.publish).start(call)
    await states.reach(Ready("answer"))

    assert states.seen == [Pending(), Ready("answer")]


async def test_a_late_answer_never_overwrites_a_newer_one() -> None:
    states = States()
    calls = LatestCall[str](states.publish)
    release = asyncio.Event()
    old_ended = asyncio.Event()

    async def old() -> str:
        # An answer that arrives although its call was cancelled.
        try:
            await release.wait()
        except asyncio.CancelledError:
            await release.wait()
        old_ended.set()
        return "old"

    async def new() -> str:
        return "new"

    calls.start(old)
    await asyncio.sleep(0)
    calls.start(new)
    await states.reach(Ready("new"))
    release.set()
    await old_ended.wait()
    await asyncio.sleep(0)

    assert states.seen[-1] == Ready("new")
    assert Ready("old") not in states.seen


async def test_a_passing_error_is_shown_and_tried_again() -> None:
    states = States()
    error = Unavailable("restarting")
    answers: list[Unavailable | str] = [error, error, "answer"]

    async def call() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    LatestCall[str](states.publish, retry_after=0).start(call)
    await states.reach(Ready("answer"))

    assert states.seen == [Pending(), Failed(error), Failed(error), Ready("answer")]


async def test_a_lasting_error_ends_the_call() -> None:
    states, error, made = States(), NotFound("no such client"), []

    async def call() -> str:
        made.append(1)
        raise error

    LatestCall[str](states.publish, retry_after=0).start(call)
    await states.reach(Failed(error))
    for _ in range(10):
        await asyncio.sleep(0)

    assert len(made) == 1
    assert not Failed(error).retrying


async def test_an_answer_that_is_renewed_stays_until_the_next_one() -> None:
    states = States()
    answers: list[Unavailable | str] = [Unavailable("away"), "fresh"]

    async def call() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    LatestCall[str](states.publish, retry_after=0).renew(Ready("old"), call)
    await states.reach(Ready("fresh"))

    assert states.seen == [Ready("fresh")]


async def test_an_error_that_is_renewed_gives_way_to_the_reason_of_now() -> None:
    states, reason = States(), FailedPrecondition("nothing is published")

    async def call() -> str:
        raise reason

    calls = LatestCall[str](states.publish)
    calls.renew(Failed(Unavailable("away")), call)
    await states.reach(Failed(reason))
    calls.cancel()

    assert states.seen == [Pending(), Failed(reason)]
