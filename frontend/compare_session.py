"""The comparison page's session: a client as it is and as the officer changes it, side by side."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence

from frontend.choosing import ChoosingSession
from frontend.clients.changes import Comparison, Counterfactuals, Limit, Scenario
from frontend.clients.explanations import Explanation
from frontend.clients.services import Services
from frontend.clients.types import Client, Score, Service, Value
from frontend.compare_view import CompareView
from frontend.editing import is_valid, read_value
from frontend.edits import Edits
from frontend.language import Language
from frontend.page_session import Portfolio, parse_id
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import ClairscoreError


class CompareSession(ChoosingSession[CompareView]):
    """One open comparison page."""

    def __init__(self, services: Services, language: Language) -> None:
        super().__init__(services, CompareView())
        self._language = language
        self._calls_client: LatestCall[Client] = self._call(self._client_came)
        self._calls_scenarios: LatestCall[Sequence[Scenario]] = self._call(self._scenarios_came)
        self._calls_score_before: LatestCall[Score] = self._call(lambda v: self._set(score_before=v))
        self._calls_before: LatestCall[Explanation] = self._call(lambda v: self._set(before=v))
        self._calls_score_after: LatestCall[Score] = self._call(lambda v: self._answered("score_after", v))
        self._calls_after: LatestCall[Explanation] = self._call(lambda v: self._answered("after", v))
        self._calls_comparison: LatestCall[Comparison] = self._call(lambda v: self._answered("comparison", v))
        self._calls_counterfactuals: LatestCall[Counterfactuals] = self._call(self._counterfactuals_came)
        self._draft: Mapping[str, object] = {}
        self._asked_with: Mapping[str, Value] = {}
        self._writing: asyncio.Task[None] | None = None

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self._set(scenario_id=arguments.get("scenario", ""))

    def close(self) -> None:
        """Gives up every call; the page is gone."""
        super().close()
        if self._writing is not None:
            self._writing.cancel()

    def choose(self, choice: str) -> None:
        """Shows another client; an empty choice shows none. Calls for the one before are given up."""
        if choice == self.view.choice:
            return
        for calls in self._calls:
            if calls not in (self._calls_portfolio, self._calls_model, self._calls_found):
                calls.cancel()
        # Told anew by the browser: it may have kept more since.
        self._draft = {}
        fresh = CompareView(choice=choice)
        kept = ("portfolio", "model", "silent", "finding")
        self._set(**{name: getattr(fresh, name) for name in CompareView.__dataclass_fields__ if name not in kept})
        sk_id_curr = parse_id(choice)
        if sk_id_curr is not None:
            self._calls_client.start(lambda: self._services.portfolio.client(sk_id_curr))
            self._calls_scenarios.start(lambda: self._services.portfolio.scenarios(sk_id_curr))

    def edit(self, text: str) -> None:
        """A field's text was changed: JSON with feature, text and the stay in the field."""
        told = json.loads(text)
        client, dictionary = self.view.client, self.view.dictionary
        if not isinstance(client, Ready) or dictionary is None or not self.view.settled:
            return
        feature = dictionary.features[told["feature"]]
        faults = {name: kept for name, kept in self.view.faults.items() if name != feature.name}
        try:
            value = read_value(told["text"], feature, self._language)
        except ValueError:
            self._set(faults={**faults, feature.name: told["text"]})
            return
        own = client.value.record.get(feature.name)
        self._become(self.view.edits.change(feature.name, value, own, str(told["visit"])), faults)

    def undo(self) -> None:
        """Takes the last step back."""
        self._become(self.view.edits.undo(), {})

    def reset(self, feature: str = "") -> None:
        """Gives the client's own value back to one feature, or to all."""
        kept = {name: value for name, value in self.view.edits.values.items() if feature and name != feature}
        faults = {name: text for name, text in self.view.faults.items() if feature and name != feature}
        self._become(self.view.edits.become(kept), faults)

    def restore(self, text: str) -> None:
        """The browser tells what it kept of the work on the client."""
        self._draft = json.loads(text)
        self._settle()

    def open_scenario(self, identifier: str) -> None:
        """Puts a saved scenario into the form; an empty identifier only closes the one that is open."""
        if identifier == self.view.scenario_id:
            return
        self._set(scenario_id=identifier)
        if self.view.settled and (scenario := self.view.scenario) is not None:
            self._become(self.view.edits.become(scenario.usable), {})

    def save_scenario(self, name: str) -> None:
        """Saves the edits under a name."""
        sk_id_curr = parse_id(self.view.choice)
        if sk_id_curr is None or not self.view.edits.values or isinstance(self.view.saving, Pending):
            return
        values = self.view.edits.values
        self._set(saving=Pending())

        async def save() -> None:
            try:
                saved = await self._services.portfolio.save_scenario(sk_id_curr, " ".join(name.split()), values)
            except ClairscoreError as error:
                self._set(saving=Failed(error))
                return
            self._set(saving=Ready(saved), scenario_id=saved.identifier)
            self._ask_scenarios()

        self._writing = asyncio.create_task(save())

    def delete_scenario(self, identifier: str) -> None:
        """Forgets a saved scenario; the form keeps its changes."""
        sk_id_curr = parse_id(self.view.choice)
        if sk_id_curr is None:
            return

        async def delete() -> None:
            try:
                await self._services.portfolio.delete_scenario(sk_id_curr, identifier)
            except ClairscoreError as error:
                self._set(saving=Failed(error))
                return
            self._set(saving=NOT_ASKED)
            if self.view.scenario_id == identifier:
                self._set(scenario_id="")
            self._ask_scenarios()

        self._writing = asyncio.create_task(delete())

    def limit(self, text: str) -> None:
        """What the officer allows for a feature: JSON with feature and rule ("", "fixed", or a share as "0.1")."""
        told = json.loads(text)
        feature, rule = told["feature"], told["rule"]
        limits = {name: kept for name, kept in self.view.limits.items() if name != feature}
        if rule == "fixed":
            limits[feature] = Limit(feature, fixed=True)
        elif rule:
            limits[feature] = Limit(feature, max_relative_change=float(rule))
        self._set(limits=limits)

    def find_counterfactuals(self) -> None:
        """Looks for changes with which the client, as edited, would be accepted."""
        if isinstance(self.view.client, Ready):
            client = self.view.client.value
            record = self._edited(client)
            limits = tuple(self.view.limits.values())
            self._asked_with = self.view.edits.values
            explain, code = self._services.explain, self._language.code
            self._calls_counterfactuals.start(
                lambda: self._of_model(
                    lambda version: explain.counterfactuals(client.sk_id_curr, record, limits, code, version)
                )
            )

    def apply_counterfactual(self, position: int) -> None:
        """Puts an answer into the form, on top of what it was asked with."""
        match self.view.counterfactuals, self.view.client:
            case Ready(value=found), Ready(value=client):
                values = dict(self._asked_with)
                for change in found.answers[position].changes:
                    values[change.feature] = change.after
                changed = {name: value for name, value in values.items() if value != client.record.get(name)}
                self._become(self.view.edits.become(changed), {}, keep_answers=True)

    def _edited(self, client: Client) -> dict[str, Value]:
        return {**client.record, **self.view.edits.values}

    def _become(self, edits: Edits, faults: Mapping[str, str], *, keep_answers: bool = False) -> None:
        changed = edits.values != self.view.edits.values
        self._set(edits=edits, faults=faults)
        if changed:
            self._set(saving=NOT_ASKED)
            if not keep_answers:
                self._calls_counterfactuals.cancel()
                self._set(counterfactuals=NOT_ASKED)
            self._ask_after()

    def _ask_after(self) -> None:
        """Asks for everything about the edited client anew; what is shown stays, marked, until the answers come."""
        if not isinstance(self.view.client, Ready):
            return
        client, services, code = self.view.client.value, self._services, self._language.code
        calls = (self._calls_score_after, self._calls_after, self._calls_comparison)
        if not self.view.edits.values:
            for one in calls:
                one.cancel()
            self._set(score_after=NOT_ASKED, after=NOT_ASKED, comparison=NOT_ASKED, updating=frozenset())
            return
        record = self._edited(client)
        before = client.record
        self._set(updating=frozenset({"score_after", "after", "comparison"}))
        self._calls_score_after.renew(
            self.view.score_after, lambda: self._of_model(lambda version: services.scoring.score(record, version))
        )
        self._calls_after.renew(
            self.view.after, lambda: self._of_model(lambda version: services.explain.explain(record, code, version))
        )
        self._calls_comparison.renew(
            self.view.comparison,
            lambda: self._of_model(
                lambda version: services.explain.compare(before, record, client.sk_id_curr, code, version)
            ),
        )

    def _ask_before(self) -> None:
        """Asks for everything about the client as it is."""
        if not isinstance(self.view.client, Ready):
            return
        record, services, code = self.view.client.value.record, self._services, self._language.code
        self._calls_score_before.renew(
            self.view.score_before, lambda: self._of_model(lambda version: services.scoring.score(record, version))
        )
        self._calls_before.renew(
            self.view.before, lambda: self._of_model(lambda version: services.explain.explain(record, code, version))
        )

    def _depends_on_model(self) -> Mapping[str, Callable[[], None]]:
        return {
            **dict.fromkeys(("score_before", "before"), self._ask_before),
            **dict.fromkeys(("score_after", "after", "comparison"), self._ask_after),
            "counterfactuals": self.find_counterfactuals,
        }

    def _answered(self, name: str, value: Remote[object]) -> None:
        updating = self.view.updating if isinstance(value, Pending) else self.view.updating - {name}
        self._set(**{name: value}, updating=updating)

    def _client_came(self, client: Remote[Client]) -> None:
        self._set(client=client)
        if isinstance(client, Ready):
            self._ask_before()
            self._ask_after()
            self._settle()

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        super()._portfolio_came(portfolio)
        self._settle()

    def _scenarios_came(self, scenarios: Remote[Sequence[Scenario]]) -> None:
        self._set(scenarios=scenarios)
        self._settle()

    def _counterfactuals_came(self, found: Remote[Counterfactuals]) -> None:
        self._set(counterfactuals=found)
        if isinstance(found, Failed) and "probability_of_repayment" in found.error.details:
            # Accepted already: to ask again would not change it.
            self._calls_counterfactuals.cancel()

    def _settle(self) -> None:
        """Puts into the form what the browser kept, or the scenario of the link; once for each client."""
        view, dictionary = self.view, self.view.dictionary
        if view.settled or dictionary is None or not isinstance(view.client, Ready):
            return
        if self._draft.get("key") != view.choice:
            return
        values: Mapping[str, Value]
        kept = self._draft.get("edits")
        if view.scenario_id and self._draft.get("scenario") != view.scenario_id:
            if not isinstance(view.scenarios, Ready):
                return
            values = view.scenario.usable if view.scenario else {}
        else:
            values = kept if isinstance(kept, dict) else {}
        known = dictionary.features
        valid = {n: v for n, v in values.items() if n in known and is_valid(v, known[n])}
        own = view.client.value.record
        self._set(settled=True, edits=Edits({n: v for n, v in valid.items() if v != own.get(n)}))
        self._ask_after()

    def _ask_scenarios(self) -> None:
        sk_id_curr = parse_id(self.view.choice)
        if sk_id_curr is not None:
            self._calls_scenarios.renew(
                self.view.scenarios,
                lambda: self._services.portfolio.scenarios(sk_id_curr),
            )

    def _back(self, service: Service) -> None:
        super()._back(service)
        sk_id_curr = parse_id(self.view.choice)
        if sk_id_curr is None:
            return
        if service is Service.PORTFOLIO:
            self._calls_client.renew(self.view.client, lambda: self._services.portfolio.client(sk_id_curr))
            self._ask_scenarios()
        elif isinstance(self.view.client, Ready):
            self._client_came(self.view.client)
