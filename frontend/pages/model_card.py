"""The card of the live model, as the scoring service gives it: a page of its own, not a part of the dashboard."""

from markupsafe import Markup
from tornado.web import RequestHandler

from frontend import theme
from frontend.clients.scoring import ScoringClient
from frontend.language import DEFAULT, Language, language
from services.common.errors import ClairscoreError, NotFound

ROUTE = "/model-card"

# The card is a document without script: it may neither run one nor fetch, send or embed anything.
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Another model may be live with the next request.
    "Cache-Control": "no-store",
}

_MESSAGE = Markup("""<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>{style_sheet}
body {{ max-width: 40rem; margin: 3rem auto; padding: 0 1rem; background: var(--cs-ground); color: var(--cs-ink);
font-family: var(--cs-font); line-height: 1.45; }}</style></head>
<body><main><h1>{title}</h1><p>{message}</p></main></body>
</html>
""")


class ModelCardHandler(RequestHandler):
    """Answers ``/model-card?lang=fr`` with the card, or with one sentence that says why there is none."""

    def initialize(self, scoring: ScoringClient) -> None:
        """Takes the client of the scoring service."""
        self._scoring = scoring

    def set_default_headers(self) -> None:
        """Sets what every answer carries."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    async def get(self) -> None:
        """Answers with the page: 404 when the model has no card, 503 when the service does not answer."""
        spoken = language(self.get_query_argument("lang", DEFAULT))
        try:
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
    page = _MESSAGE.format(
        language=spoken.code,
        title=spoken.gettext("Model card"),
        message=message,
        style_sheet=Markup(theme.style_sheet()),
    )
    return page.encode()
