"""What the page of the study looks at: the link's choices, unknown ones, and the most accurate model by default."""

import asyncio
from dataclasses import dataclass

import pytest
from support.study import small_study

from frontend.clients.types import Service
from frontend.remote import Failed, Ready
from frontend.study.session import Colour, StudySession, StudyView
from pipeline.products.study.document import Study
from services.common.errors import ClairscoreError, FailedPrecondition, Unavailable


@dataclass
class Published:
    """What the embedding service answers in turn; the last answer for ever."""

    answers: list

    async def study(self) -> Study:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Known:
    """The services, as far as this page needs them."""

    products: Published


def view(**choices: str) -> StudyView:
    return StudyView(study=Ready(small_study()), **choices)  # type: ignore[arg-type]


def test_shows_the_most_accurate_model_unless_another_is_asked_for() -> None:
    assert view().shown.name == "vectors"
    assert view(name="words").shown.name == "words"
    assert view(name="gone").shown.name == "vectors"
    assert StudyView().shown is None


@pytest.mark.parametrize(("asked", "shown"), [("tsne", "tsne"), ("", "umap"), ("globe", "umap")])
def test_an_unknown_map_is_the_first(asked: str, shown: str) -> None:
    session = StudySession(Known(Published([])))  # type: ignore[arg-type]
    session.choose_projection(asked)
    session.choose_colour(asked)

    assert (session.view.projection, session.view.colour) == (shown, Colour.TRUE)


async def test_a_study_that_comes_later_is_shown() -> None:
    session = StudySession(Known(Published([FailedPrecondition("none"), small_study()])))  # type: ignore[arg-type]
    came, missing = asyncio.Event(), asyncio.Event()

    def show(view: StudyView) -> None:
        if isinstance(view.study, Failed):
            missing.set()
        if isinstance(view.study, Ready):
            came.set()

    session.attach(show)
    session._calls_study.start(session._services.products.study)
    async with asyncio.timeout(30):
        await missing.wait()
        assert session.view.outages == frozenset()
        await came.wait()
    assert session.view.waits.keys() == {Service.EMBEDDING}
    session.close()


async def test_that_there_is_no_study_is_said_when_the_service_is_back() -> None:
    away, none = Unavailable("away"), FailedPrecondition("none")
    session = StudySession(Known(Published([away, none])))  # type: ignore[arg-type]
    seen: list[ClairscoreError] = []
    came = asyncio.Event()

    def show(view: StudyView) -> None:
        if isinstance(view.study, Failed):
            seen.append(view.study.error)
            came.set()

    session.attach(show)
    session._calls_study.start(session._services.products.study)
    async with asyncio.timeout(30):
        await came.wait()
        assert session.view.outages == {Service.EMBEDDING}
        came.clear()
        session._back(Service.EMBEDDING)
        await came.wait()
    session.close()

    assert seen == [away, none]
    assert session.view.outages == frozenset()
