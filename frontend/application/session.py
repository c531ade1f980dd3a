"""The session of the page of new applications: fill in or import, score, store, open again."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from frontend.application.form import Step, asked, base_features, extra, is_possible, record, step_of
from frontend.application.reading import read_file
from frontend.application.view import DRAFT, ApplicationView
from frontend.clients.applications import Application, ApplicationSummary
from frontend.clients.explanations import Explanation
from frontend.clients.services import Services
from frontend.clients.types import Feature, Score, Service, Value
from frontend.editing import read_value, value_as_text
from frontend.language import Language
from frontend.page_session import PageSession, Portfolio
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import ClairscoreError, InvalidInput

_RECENT = 10
_STEPS = tuple(Step)


class ApplicationSession(PageSession[ApplicationView]):
    """One open page of new applications."""

    def __init__(self, services: Services, language: Language) -> None:
        super().__init__(services, ApplicationView())
        self._language = language
        self._asked_with: Mapping[str, Value] = {}
        self._calls_score: LatestCall[Score] = self._call(lambda v: self._set(score=v))
        self._calls_explanation: LatestCall[Explanation] = self._call(lambda v: self._set(explanation=v))
        self._calls_stored: LatestCall[Application] = self._call(self._stored_came)
        self._calls_recent: LatestCall[Sequence[ApplicationSummary]] = self._call(lambda v: self._set(recent=v))
        self._draft: Mapping[str, object] | None = None
        self._writing: asyncio.Task[None] | None = None

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self._calls_recent.start(lambda: self._services.portfolio.applications(_RECENT))
        self.open(arguments.get("application", ""))

    def close(self) -> None:
        """Gives up every call; the page is gone."""
        super().close()
        if self._writing is not None:
            self._writing.cancel()

    def choose(self, choice: str) -> None:
        """Keeps the client that the other pages are about."""
        self._set(choice=choice)

    def open(self, identifier: str) -> None:
        """Shows a stored application; an empty identifier shows the form."""
        if identifier == self.view.application_id:
            return
        self._calls_stored.cancel()
        self._set(application_id=identifier, stored=NOT_ASKED)
        self._forget_result()
        if identifier:
            self._calls_stored.start(lambda: self._services.portfolio.application(identifier))

    def restore(self, text: str) -> None:
        """The browser tells what it kept of the work."""
        self._draft = json.loads(text)
        self._settle()

    def change(self, values: Mapping[str, str]) -> None:
        """Fields of the form were changed: their texts by feature."""
        features = self._features
        known, texts = dict(self.view.values), dict(self.view.texts)
        for name, text in values.items():
            feature = features.get(name)
            if feature is None or text == self._shown(feature):
                continue
            known.pop(name, None)
            texts.pop(name, None)
            try:
                value = read_value(text, feature, self._language)
            except ValueError:
                texts[name] = text
                continue
            if value is not None:
                known[name] = value
        self._become(known, texts)

    def go(self, step: str) -> None:
        """Opens a step; the one before insists from then on."""
        if step in set(Step):
            self._set(step=Step(step), left=self.view.left | {self.view.step})

    def move(self, count: int) -> None:
        """Opens a step further on (1) or back (-1)."""
        place = _STEPS.index(self.view.step) + count
        if 0 <= place < len(_STEPS):
            self.go(_STEPS[place])

    def search(self, query: str) -> None:
        """Looks for features that the form does not ask for by itself."""
        self._set(query=query)

    def add(self, feature: str) -> None:
        """Adds a field to the form, or opens the step that has it."""
        if feature not in self._features:
            return
        if step_of(feature) is Step.OUTSIDE and feature not in self.view.added:
            self._set(added=(*self.view.added, feature))
        if step_of(feature) is not self.view.step:
            self.go(step_of(feature))

    def read(self, name: str, content: bytes) -> None:
        """Puts a person from a file into the form, in place of what is there; a faulty file changes nothing."""
        dictionary = self.view.dictionary
        if dictionary is None:
            return
        try:
            found = read_file(name, content, dictionary, self._language)
        except InvalidInput as error:
            self._set(imported=None, refused=error)
            return
        self._fill(found.values)
        self._set(imported=found, refused=None, added=tuple(extra(found.values)), left=frozenset(_STEPS[:-1]))
        self._set(step=self._first_open_step())

    def clear(self) -> None:
        """Empties the form."""
        self._fill({})
        self._set(added=(), left=frozenset(), step=Step.LOAN, imported=None, refused=None)

    def compute(self) -> None:
        """Asks for the score of the form and its reasons, when it is complete."""
        dictionary = self.view.dictionary
        self._set(left=frozenset(_STEPS))
        if dictionary is None or not self.view.complete:
            return
        # One request for the same values, also after a reload: to store them twice stores them once.
        self._set(request_id=self.view.request_id or str(uuid4()), saving=NOT_ASKED)
        self._ask_result(record(self.view.values, dictionary))

    def store(self, reference: str) -> None:
        """Stores the application with the score that is shown, and opens it."""
        view, dictionary = self.view, self.view.dictionary
        if not isinstance(view.score, Ready) or dictionary is None or isinstance(view.saving, Pending):
            return
        score, request, values = view.score.value, view.request_id, view.values
        complete = record(values, dictionary)
        self._set(saving=Pending())

        async def save() -> None:
            try:
                portfolio = self._services.portfolio
                stored = await portfolio.save_application(request, " ".join(reference.split()), complete, score)
            except ClairscoreError as error:
                self._set(saving=Failed(error))
                return
            self._set(saving=Ready(stored))
            self._calls_recent.renew(self.view.recent, lambda: self._services.portfolio.applications(_RECENT))
            if self.view.values == values:
                # What is shown of the form is now what is shown of the application.
                fresh = ApplicationView()
                kept = ("values", "texts", "added", "left", "step", "request_id", "imported", "refused")
                self._set(
                    filling=self.view.filling + 1,
                    application_id=stored.identifier,
                    stored=Ready(stored),
                    **{name: getattr(fresh, name) for name in kept},
                )

        self._writing = asyncio.create_task(save())

    @property
    def _features(self) -> Mapping[str, Feature]:
        return base_features(self.view.dictionary) if self.view.dictionary else {}

    def _shown(self, feature: Feature) -> str:
        value = self.view.values.get(feature.name)
        return self.view.texts.get(feature.name) or value_as_text(value, feature, self._language)

    def _become(self, values: Mapping[str, Value], texts: Mapping[str, str]) -> None:
        if values != self.view.values:
            self._forget_result()
            self._set(request_id="")
        self._set(values=values, texts=texts)

    def _fill(self, values: Mapping[str, Value]) -> None:
        self._become(values, {})
        self._set(filling=self.view.filling + 1)

    def _forget_result(self) -> None:
        self._calls_score.cancel()
        self._calls_explanation.cancel()
        self._set(score=NOT_ASKED, explanation=NOT_ASKED, saving=NOT_ASKED)

    def _first_open_step(self) -> Step:
        """The first step where something is wrong or required; the last one when nothing is."""
        dictionary, model = self.view.dictionary, self.view.known_model
        wanted = {*self.view.faults, *self.view.missing}
        if dictionary is None:
            return Step.LOAN
        steps = (s for s in _STEPS if wanted & {one.name for one in asked(s, dictionary, model, self.view.added)})
        return next(steps, Step.REVIEW)

    def _ask_result(self, complete: Mapping[str, Value]) -> None:
        services, code = self._services, self._language.code
        self._asked_with = complete
        self._calls_score.renew(
            self.view.score, lambda: self._of_model(lambda version: services.scoring.score(complete, version))
        )
        self._calls_explanation.renew(
            self.view.explanation,
            lambda: self._of_model(lambda version: services.explain.explain(complete, code, version)),
        )

    def _depends_on_model(self) -> Mapping[str, Callable[[], None]]:
        return dict.fromkeys(("score", "explanation"), self._ask_result_again)

    def _ask_result_again(self) -> None:
        self._ask_result(self._asked_with)

    def _stored_came(self, stored: Remote[Application]) -> None:
        self._set(stored=stored)
        self._ask_stored_result()

    def _ask_stored_result(self) -> None:
        """What the present model says of the application that is open."""
        match self.view.stored, self.view.dictionary:
            case Ready(value=application), dictionary if dictionary is not None:
                self._ask_result(record(application.usable, dictionary))

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        super()._portfolio_came(portfolio)
        self._settle()
        if isinstance(self.view.score, Ready | Pending):
            return
        self._ask_stored_result()

    def _settle(self) -> None:
        """Puts into the form what the browser kept; once."""
        kept, features = self._draft, self._features
        if self.view.settled or kept is None or not features:
            return
        self._set(settled=True)
        values, texts, step = kept.get("values"), kept.get("texts"), kept.get("step")
        if kept.get("key") != DRAFT or not isinstance(values, dict):
            return
        possible = {n: v for n, v in values.items() if n in features and is_possible(v, features[n])}
        left = kept.get("left")
        self._set(
            values=possible,
            texts={n: str(t) for n, t in texts.items() if n in features} if isinstance(texts, dict) else {},
            added=tuple(extra(possible)),
            left=frozenset(Step(one) for one in left if one in set(Step)) if isinstance(left, list) else frozenset(),
            step=Step(str(step)) if step in set(Step) else Step.LOAN,
            request_id=str(kept.get("request") or ""),
        )

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.PORTFOLIO:
            self._calls_recent.renew(self.view.recent, lambda: self._services.portfolio.applications(_RECENT))
            return
        # It may say something else now of the same values.
        dictionary = self.view.dictionary
        if dictionary is None or self.view.score is NOT_ASKED:
            return
        if self.view.application_id:
            self._ask_stored_result()
        else:
            self._ask_result(record(self.view.values, dictionary))
