"""The template of the file with which a person is imported: a file, not a part of the dashboard."""

from tornado.web import RequestHandler

from frontend.application.template import template
from frontend.clients.portfolio import PortfolioClient
from frontend.language import DEFAULT, language
from services.common import tracing
from services.common.errors import ClairscoreError

ROUTE = "/application-template.csv"


class ApplicationTemplateHandler(RequestHandler):
    """Answers ``/application-template.csv?lang=fr`` with the file; 503 when the feature dictionary is not to be had."""

    def initialize(self, portfolio: PortfolioClient) -> None:
        """Takes the client of the portfolio service."""
        self._portfolio = portfolio

    async def get(self) -> None:
        """Answers with the file."""
        spoken = language(self.get_query_argument("lang", DEFAULT))
        # Another feature dictionary may be published with the next request.
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        try:
            with tracing.action(f"open {ROUTE}"):
                publication = await self._portfolio.publication()
                dictionary = await self._portfolio.dictionary(publication.feature_contract)
        except ClairscoreError:
            self.set_status(503)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            await self.finish(spoken.gettext("The client service does not answer. It is tried again continuously."))
            return
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="application-template.csv"')
        await self.finish(template(dictionary, spoken))
