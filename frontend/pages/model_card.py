"""The card of the live model, as the scoring service gives it: a page of its own, not a part of the dashboard."""

from tornado.web import RequestHandler

from frontend.clients.scoring import ScoringClient
from frontend.language import DEFAULT, Language, language
from frontend.pages.message import HEADERS, message_page
from services.common import tracing
from services.common.errors import ClairscoreError, NotFound

ROUTE = "/model-card"


class ModelCardHandler(RequestHandler):
    """Answers ``/model-card?lang=fr`` with the card, or with one sentence that says why there is none."""

    def initialize(self, scoring: ScoringClient) -> None:
        """Takes the client of the scoring service."""
        self._scoring = scoring

    def set_default_headers(self) -> None:
        """Sets what every answer carries."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    async def get(self) -> None:
        """Answers with the page: 404 when the model has no card, 503 when the service does not answer."""
        spoken = language(self.get_query_argument("lang", DEFAULT))
        try:
            with tracing.action(f"open {ROUTE}"):
                page = await self._scoring.card(spoken.code)
        except NotFound:
            self.set_status(404)
            page = _message(spoken, spoken.gettext("This model has no card."))
        except ClairscoreError:
            self.set_status(503)
            page = _message(
                spoken, spoken.gettext("The scoring service does not answer. Load this page again in a moment.")
            )
        await self.finish(page)


def _message(spoken: Language, message: str) -> bytes:
    return message_page(spoken.gettext("Model card"), message, spoken)
