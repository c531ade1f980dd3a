"""The choice of a client, the same on every page about one: by identifier, by attributes, or one of the last."""

from typing import TypeVar

import panel as pn

from frontend.choosing import ChoosingSession, ChoosingView
from frontend.components import attribute_search
from frontend.components.client_search import ClientSearch, client_count
from frontend.components.client_table import ClientTable
from frontend.components.fieldset import Fieldset
from frontend.components.layout import row, stack
from frontend.components.ways_to_client import WaysToClient
from frontend.language import Language
from frontend.remote import Failed, NotAsked, Pending, Ready

_V = TypeVar("_V", bound=ChoosingView)


class ClientChoice:
    """Components of the choice; ``beside`` stands beside the search."""

    def __init__(self, language: Language, beside: pn.viewable.Viewable) -> None:
        _ = language.gettext
        self._language = language
        self._beside = beside
        self._search = ClientSearch(language, styles={"flex": "1 1 20rem"})
        self._ways = WaysToClient(language)
        self._form = Fieldset(
            legend=_("Clients with these attributes"), buttons=[["clear", _("Clear the form")]], aligned=True
        )
        self._table = ClientTable(language)
        self._place = stack(self._form, self._table, visible=False)

    def layout(self) -> pn.viewable.Viewable:
        """All of it, to be put on top of a page."""
        # The list of clients opens over what follows.
        return stack(row(self._search, self._beside, above=True), self._ways, self._place)

    def connect(self, session: ChoosingSession[_V]) -> None:
        """Tells the session what the officer does."""
        self._search.on("choose", session.choose)
        self._search.on("search", session.search)
        self._ways.on("choose", session.choose)
        self._ways.on("find", lambda _text: session.open_finding())
        self._form.on_values("change", lambda values: session.find(self._form.changed(values)))
        self._form.on("clear", lambda _text: session.forget_finding())
        self._table.on("choose", session.choose_found)
        self._table.on("turn", lambda text: session.turn(1 if text == "1" else -1))

    def show(self, view: ChoosingView) -> None:
        """Shows a view."""
        language, dictionary = self._language, view.dictionary
        publication = view.portfolio.value.publication if isinstance(view.portfolio, Ready) else None
        self._search.value = view.choice
        self._search.hint = client_count(publication.clients, language) if publication else ""
        self._show_results(view)
        self._ways.param.update(opened=view.choice if isinstance(view.client, Ready) else "", finding=view.finding.open)
        self._place.visible = view.finding.open
        if view.finding.open and dictionary is not None:
            finding = view.finding
            self._form.display(attribute_search.fields(finding, dictionary, language))
            found = finding.found.value if isinstance(finding.found, Ready) else None
            self._table.param.update(
                header=attribute_search.header(language),
                rows=attribute_search.rows(found, dictionary, language) if found else [],
                status=attribute_search.status(finding, language),
                before=found is not None and len(finding.tokens) > 1,
                after=bool(found and found.next_page),
                busy=isinstance(finding.found, Pending),
            )

    def _show_results(self, view: ChoosingView) -> None:
        _ = self._language.gettext
        match view.results:
            case Ready(value=results):
                self._search.show_results(view.query, results)
            case Failed():
                self._search.show_message(view.query, _("The search does not answer at the moment."))
            case NotAsked() if view.query:
                self._search.show_message(view.query, _("An identifier has digits only."))
