"""Choice of a client by the first digits of its identifier."""

from typing import Any

from frontend.clients.types import SearchResults
from frontend.components.search import Search
from frontend.language import Language


class ClientSearch(Search):
    """Searches the portfolio's clients."""

    def __init__(self, language: Language, **params: Any) -> None:
        super().__init__(
            texts={
                "label": language.gettext("Client identifier"),
                "list": language.gettext("Clients found"),
                "open": language.gettext("Show the list of clients"),
                "placeholder": language.gettext("First digits, for example 1000"),
            },
            digits=True,
            **params,
        )
        self._language = language

    def show_results(self, query: str, results: SearchResults) -> None:
        """Shows the clients found for a query, and how many there are in all."""
        language = self._language
        if not results.clients:
            message = language.gettext("No client's identifier starts with {digits}.").format(digits=query)
        elif results.total > len(results.clients):
            message = language.gettext("{shown} of {total} clients").format(
                shown=language.format.integer(len(results.clients)), total=language.format.integer(results.total)
            )
        else:
            message = client_count(results.total, language)
        options = [
            {"id": str(client.sk_id_curr), "detail": self._detail(client.age, client.credit)}
            for client in results.clients
        ]
        self.results = {"query": query, "options": options, "message": message}

    def _detail(self, age: float | None, credit: float | None) -> str:
        known = [
            self._language.format.years(age) if age is not None else "",
            self._language.format.currency(credit) if credit is not None else "",
        ]
        return " · ".join(text for text in known if text)


def client_count(count: int, language: Language) -> str:
    """A number of clients: "1,234 clients"."""
    return language.ngettext("{count} client", "{count} clients", count).format(count=language.format.integer(count))
