"""Saved scenarios of a client: save under a name, open, delete."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import param

from frontend.clients.changes import Scenario
from frontend.compare_view import CompareView
from frontend.components.base import Component, styles
from frontend.components.table_file import file_html
from frontend.language import Language
from frontend.remote import Failed, Pending, Ready
from services.common.errors import ClairscoreError, InvalidInput, NotFound, ResourceExhausted

MAX_NAME = 80


class ScenarioPanel(Component):
    """Tells "save" with a name, "open" and "delete" with an identifier."""

    scenarios = param.List([], doc="id, name, detail, link of each; see ``display``")
    file = param.String(doc="HTML: the scenarios as a file; empty while there are none")
    current = param.String(doc="Identifier of the one that is open")
    message = param.String(doc="What came of the last wish, or why there is no list")
    note = param.String(doc="What is to be known of the one that is open")
    savable = param.Boolean(False, doc="There is something to save")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("scenario_panel.js")
    _stylesheets = styles("scenario_panel")

    def __init__(self, language: Language, **params: Any) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "title": _("Saved scenarios"),
                "name": _("Name of the scenario"),
                "placeholder": _("for example: less credit"),
                "save": _("Save"),
                "open": _("Open {name}"),
                "delete": _("Delete {name}"),
                "deleteShort": _("Delete"),
                "here": _("open"),
                "empty": _("None yet. A scenario keeps the changes under a name; its link can be sent to a colleague."),
                "limit": MAX_NAME,
            },
            **params,
        )
        self._language = language

    def display(self, view: CompareView) -> None:
        """Shows the scenarios of the client that the view is of."""
        found: Sequence[Scenario] = view.scenarios.value if isinstance(view.scenarios, Ready) else ()
        self.param.update(
            scenarios=[{"id": one.identifier, "name": one.name, "detail": self._detail(one)} for one in found],
            file=_file(view.choice, found, self._language) if found else "",
            current=view.scenario_id if view.scenario else "",
            message=self._message(view),
            note=self._note(view),
            savable=bool(view.edits.values) and not isinstance(view.saving, Pending),
        )

    def _detail(self, scenario: Scenario) -> str:
        count = len(scenario.overrides)
        changes = self._language.ngettext("{count} change", "{count} changes", count).format(count=count)
        return f"{changes} · {self._language.format.date(scenario.saved_at)}"

    def _message(self, view: CompareView) -> str:
        _ = self._language.gettext
        text = ""
        match view.saving, view.scenarios:
            case Pending(), _scenarios:
                text = _("Being saved…")
            case Failed(error=error), _scenarios:
                text = self._failure(error)
            case Ready(value=saved), _scenarios:
                text = _("“{name}” is saved; the address of this page leads to it.").format(name=saved.name)
            case _saving, Failed(error=error) if not isinstance(error, NotFound):
                text = _("The saved scenarios cannot be read at the moment.")
            case _saving, Pending():
                text = _("The saved scenarios are being read…")
            case _saving, Ready() if view.scenario_id and view.scenario is None:
                text = _("The scenario of this link does not exist (any more).")
        return text

    def _failure(self, error: ClairscoreError) -> str:
        _ = self._language.gettext
        match error:
            case ResourceExhausted():
                return _("This client has as many scenarios as possible: delete one, or save under its name.")
            case InvalidInput(violations=violations) if all(fault.field == "name" for fault in violations):
                return _("A name has 1 to {most} characters.").format(most=MAX_NAME)
            case InvalidInput():
                return _("A changed value is not possible: correct it, then save.")
        return _("This did not work: the client service does not answer. Try again in a moment.")

    def _note(self, view: CompareView) -> str:
        _ = self._language.gettext
        scenario = view.scenario
        if scenario is None:
            return ""
        if scenario.obsolete:
            return _("Left out, because the model's features have changed since: {names}.").format(
                names=", ".join(scenario.obsolete)
            )
        if dict(view.edits.values) != scenario.usable:
            return _("Changed since “{name}” was saved.").format(name=scenario.name)
        return ""


def _file(client: str, scenarios: Sequence[Scenario], language: Language) -> str:
    rows = [(one.name, one.saved_at, name, value) for one in scenarios for name, value in one.overrides.items()]
    header = ("scenario", "saved_at", "feature", "value")
    return str(file_html(f"scenarios-{client}", language.gettext("Saved scenarios"), header, rows, language))
