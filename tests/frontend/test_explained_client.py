"""Sessions with the real services: what a page shows belongs to one client, and comes from one model."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from support.models import train_tiny_model
from support.stack import Stack, published_stack

from frontend.clients.explanations import Explanation
from frontend.clients.services import Services
from frontend.clients.types import Service
from frontend.compare_session import CompareSession
from frontend.compare_view import CompareView
from frontend.language import language
from frontend.remote import Failed, Ready
from frontend.session import Session, View
from frontend.settings import DashboardSettings

FIRST = 100_001
# A process has to start, and the portfolio to be explained, on a machine that may be busy.
PATIENCE = 60.0

pytestmark = pytest.mark.slow


class Officer:
    """Looks at a session: keeps every view, and waits for one."""

    def __init__(self, session: Session) -> None:
        self.views: list[View] = []
        self._session = session
        self._new = asyncio.Event()

    def show(self, view: View) -> None:
        self.views.append(view)
        self._new.set()

    async def see(self, condition: Callable[[View], bool]) -> View:
        async with asyncio.timeout(PATIENCE):
            while not condition(self._session.view):
                self._new.clear()
                await self._new.wait()
        return self._session.view


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    """Its model is in a registry, where another one can be made live; explain is slower to see that than scoring."""
    with closing(published_stack(folder)) as stack:
        stack.env |= {"CLAIRSCORE_MODEL_DIR": str(folder / "models"), "CLAIRSCORE_CACHE_DIR": str(folder / "cache")}
        stack.publish(folder / "model")
        for name, seconds in {"portfolio": 1, "scoring": 0.1, "explain": 3}.items():
            stack.env["CLAIRSCORE_MODEL_POLL_SECONDS"] = str(seconds)
            stack.start(name)
        yield stack


@pytest_asyncio.fixture
async def session(stack: Stack) -> AsyncIterator[Session]:
    """An open page without a client."""
    services = Services.of(
        DashboardSettings(
            scoring_address=f"localhost:{stack.ports['scoring']}",
            portfolio_address=f"localhost:{stack.ports['portfolio']}",
            explain_address=f"localhost:{stack.ports['explain']}",
            health_interval=0.1,
            call_deadline=PATIENCE,
        )
    )
    watching = asyncio.create_task(services.monitor.run())
    session = Session(services, "fr")
    session.start({})
    yield session
    session.close()
    watching.cancel()


@pytest.fixture
def officer(session: Session) -> Officer:
    officer = Officer(session)
    session.attach(officer.show)
    return officer


def complete(view: View) -> bool:
    return (
        isinstance(view.score, Ready)
        and isinstance(view.comparable, Ready)
        and isinstance(view.explanation, Ready)
        and view.explanation.value.compared
    )


async def probability(stack: Stack, sk_id_curr: int) -> float:
    """What the scoring service itself says; the event loop goes on meanwhile."""
    score, _model = await asyncio.to_thread(stack.score, sk_id_curr)
    return score.probability_of_repayment


async def test_reasons_and_comparable_clients_are_those_of_the_client(session: Session, officer: Officer) -> None:
    """Slow: services have to start, and the explanations of the portfolio to be computed."""
    session.choose(str(FIRST))
    view = await officer.see(complete)
    assert isinstance(view.score, Ready)
    assert isinstance(view.explanation, Ready)
    assert isinstance(view.comparable, Ready)

    explanation, comparable = view.explanation.value, view.comparable.value
    score = view.score.value.probability_of_repayment
    assert explanation.score.probability_of_repayment == pytest.approx(score)
    points = sum(one.points for one in explanation.contributions)
    assert explanation.base_probability_of_repayment + points == pytest.approx(score)
    assert explanation.reasons_for or explanation.reasons_against
    others = [*comparable.accepted, *comparable.refused]
    assert len(comparable.accepted) == 5
    assert FIRST not in [one.sk_id_curr for one in others]
    threshold = view.model.value.threshold if isinstance(view.model, Ready) else None
    assert threshold is not None
    assert all(one.probability_of_repayment >= threshold for one in comparable.accepted)
    assert all(one.probability_of_repayment < threshold for one in comparable.refused)


async def test_no_view_shows_the_reasons_of_an_older_client(session: Session, officer: Officer, stack: Stack) -> None:
    """Slow: shares the services with the test above."""
    chosen = range(FIRST, FIRST + 6)
    for sk_id_curr in chosen:
        session.choose(str(sk_id_curr))
        # Some choices are overtaken while the client is read, others while the reasons are computed.
        if sk_id_curr % 2:
            await officer.see(lambda view: isinstance(view.client, Ready))
    last = await officer.see(complete)

    assert last.choice == str(chosen[-1])
    scores = {str(one): await probability(stack, one) for one in chosen}
    for view in officer.views:
        if isinstance(view.explanation, Ready):
            shown = view.explanation.value.score.probability_of_repayment
            assert shown == pytest.approx(scores[view.choice], abs=1e-6)


async def test_a_silent_explain_service_leaves_the_score_and_comes_back(
    session: Session, officer: Officer, stack: Stack
) -> None:
    """Slow: a service has to end and to start again."""
    session.choose(str(FIRST))
    await officer.see(complete)
    await asyncio.to_thread(stack.stop, "explain")
    view = await officer.see(lambda view: view.outages == {Service.EXPLAIN})
    # What is shown still holds.
    assert complete(view)

    session.choose(str(FIRST + 1))
    await officer.see(
        lambda view: (
            isinstance(view.explanation, Failed)
            and isinstance(view.comparable, Failed)
            and isinstance(view.score, Ready)
        )
    )
    await asyncio.to_thread(stack.start, "explain")
    view = await officer.see(lambda view: complete(view) and not view.outages)
    assert isinstance(view.explanation, Ready)
    shown = view.explanation.value.score.probability_of_repayment
    assert shown == pytest.approx(await probability(stack, FIRST + 1), abs=1e-6)


async def test_no_view_mixes_two_models(session: Session, officer: Officer, stack: Stack, folder: Path) -> None:
    """Slow: another model is trained and published, and has to be taken up by two services."""
    other = await asyncio.to_thread(train_tiny_model, folder / "other", 7)
    services = session._services
    compare = CompareSession(services, language("fr"))
    compared: list[CompareView] = []
    compare.attach(compared.append)
    compare.start({"client": str(FIRST)})
    session.choose(str(FIRST))
    before = versions(await officer.see(complete))
    compare.restore(json.dumps({"key": str(FIRST), "edits": {"AMT_CREDIT": 50_000.0}, "scenario": ""}))

    await asyncio.to_thread(stack.publish, other)
    number = 1
    async with asyncio.timeout(PATIENCE):
        while True:
            await asyncio.sleep(0.05)
            after, explained = compare.view.after, session.view.explanation
            if not isinstance(after, Ready) or not isinstance(explained, Ready):
                continue
            if versions(session.view) == versions(compare.view) != before:
                break
            # What an officer does: an edit here, another client there. Nothing else tells a page of the new model.
            number += 1
            edit = {"feature": "AMT_CREDIT", "text": str(50_000 + number), "visit": str(number)}
            compare.edit(json.dumps(edit))
            session.choose(str(FIRST + number % 5))
    compare.close()
    assert all(len(versions(view)) <= 1 for view in (*officer.views, *compared))
    seen = set().union(*(versions(view) for view in compared if isinstance(view.after, Ready)))
    assert seen == before | versions(session.view)


def versions(view: View | CompareView) -> set[str]:
    """The models of everything that a view shows."""
    names = ("score", "explanation") if isinstance(view, View) else ("score_before", "before", "score_after", "after")
    answers = [getattr(view, name) for name in names]
    found = {one.value.version for one in (view.model,) if isinstance(one, Ready)}
    for answer in answers:
        if isinstance(answer, Ready):
            score = answer.value.score if isinstance(answer.value, Explanation) else answer.value
            found.add(score.model_version)
    return found
