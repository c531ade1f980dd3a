"""The feature dictionary as a file: too large to be sent with every page that shows an entry."""

from collections.abc import Iterator, Sequence

from tornado.web import RequestHandler

from frontend.clients.portfolio import PortfolioClient
from frontend.clients.types import FeatureDictionary
from frontend.components.feature_entry import DICTIONARY
from frontend.language import DEFAULT, Language, language
from frontend.pages.message import HEADERS, message_page
from pipeline.spreadsheet import csv_bytes
from services.common import tracing
from services.common.errors import ClairscoreError

ROUTE = DICTIONARY

_HEADER = (
    "feature",
    "label",
    "role",
    "source_table",
    "source_column",
    "aggregation",
    "unit",
    "minimum",
    "median",
    "maximum",
    "missing_rate",
    "categories",
    "editable",
    "actionable",
    "protected",
)


class DictionaryHandler(RequestHandler):
    """Answers ``/dictionnaire.csv?lang=fr`` with the file, its labels in this language."""

    def initialize(self, portfolio: PortfolioClient) -> None:
        """Takes the client of the portfolio service."""
        self._portfolio = portfolio

    def set_default_headers(self) -> None:
        """Sets what every answer carries."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    async def get(self) -> None:
        """Answers with the file; 503 when the service does not answer, or nothing is published."""
        spoken = language(self.get_query_argument("lang", DEFAULT))
        try:
            with tracing.action(f"open {ROUTE}"):
                publication = await self._portfolio.publication()
                dictionary = await self._portfolio.dictionary(publication.feature_contract)
        except ClairscoreError:
            self.set_status(503)
            text = spoken.gettext("The client service does not answer. Load this page again in a moment.")
            await self.finish(message_page(spoken.gettext("Dictionary of all features"), text, spoken))
            return
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="features.csv"')
        await self.finish(csv_bytes(_HEADER, _rows(dictionary, spoken)))


def _rows(dictionary: FeatureDictionary, spoken: Language) -> Iterator[Sequence[str | float | None]]:
    for one in dictionary.features.values():
        yield (
            one.name,
            one.label.of(spoken.code),
            one.role.value,
            one.source_table,
            one.source_column,
            one.aggregation,
            one.unit.value,
            one.minimum,
            one.median,
            one.maximum,
            one.missing_rate,
            "; ".join(one.categories),
            int(one.editable),
            int(one.actionable),
            int(one.protected),
        )
