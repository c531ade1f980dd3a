"""The letter to a customer as a file to take away: a document of its own, not a part of the dashboard."""

import asyncio
import math
from dataclasses import dataclass
from datetime import datetime

from tornado.web import RequestHandler

from frontend.clients.services import Services
from frontend.components.letter_panel import LETTER, file_name
from frontend.language import DEFAULT, Language, language
from frontend.letter.answers import ask
from frontend.letter.content import compose
from frontend.letter.page import render
from frontend.letter.printing import PACKAGES, Printer
from frontend.page_session import parse_id
from frontend.pages.message import HEADERS, message_page
from frontend.settings import DashboardSettings
from services.common import tracing
from services.common.errors import (
    ClairscoreError,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidInput,
    Misconfigured,
    NotFound,
    ResourceExhausted,
    Unavailable,
)

ROUTE = LETTER
_RETRY_SECONDS = 5.0


@dataclass(frozen=True)
class Letters:
    """What makes letters; one for the whole process."""

    services: Services
    printer: Printer
    lender: str
    contact: str

    @classmethod
    def of(cls, settings: DashboardSettings, services: Services) -> "Letters":
        """Makes it from the settings."""
        printer = Printer(settings.letters_at_once, settings.letter_deadline)
        return cls(services, printer, settings.lender_name, settings.customer_contact)

    async def write(self, sk_id_curr: int, scenario: str, spoken: Language) -> bytes:
        """The letter of a client as a PDF file, dated today; raises ``ClairscoreError``."""
        with tracing.action(f"open {ROUTE}"):
            answers = await ask(self.services, sk_id_curr, scenario, spoken.code)
            today = datetime.now().astimezone().date()
            page = render(compose(answers, self.lender, self.contact, today, spoken))
            with tracing.span("print"):
                return await self.printer.print(page)


class LetterHandler(RequestHandler):
    """Answers ``/lettre?client=100001&lang=fr`` with the file, or with one sentence that says why there is none.

    ``lang`` is the language of the letter, ``page`` (else the same) that of the sentence; ``scenario`` adds a saved
    scenario of the client.
    """

    def initialize(self, letters: Letters) -> None:
        """Takes what makes letters."""
        self._letters = letters
        self._writing: asyncio.Task[bytes] | None = None

    def set_default_headers(self) -> None:
        """Sets what every answer carries."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    async def get(self) -> None:
        """Answers with the letter; 404: no such client, 501: printing is not installed, 503: not now."""
        code = self.get_query_argument("lang", DEFAULT)
        spoken, reader = language(code), language(self.get_query_argument("page", code))
        sk_id_curr = parse_id(self.get_query_argument("client", ""))
        if sk_id_curr is None:
            self._refuse(400, reader.gettext("An identifier has digits only."), reader)
            return
        scenario = self.get_query_argument("scenario", "")
        self._writing = asyncio.ensure_future(self._letters.write(sk_id_curr, scenario, spoken))
        try:
            file = await self._writing
        except ClairscoreError as error:
            self._fail(error, sk_id_curr, reader)
            return
        except asyncio.CancelledError:
            if not self._writing.cancelled():
                raise
            # Nobody waits for it any more.
            return
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'attachment; filename="{file_name(str(sk_id_curr), spoken)}"')
        await self.finish(file)

    def on_connection_close(self) -> None:
        """Gives the letter up."""
        if self._writing is not None:
            self._writing.cancel()

    def _fail(self, error: ClairscoreError, sk_id_curr: int, reader: Language) -> None:
        status, text = failure(error, sk_id_curr, reader)
        if status == 503:
            wait = error.retry_after if isinstance(error, Unavailable | ResourceExhausted) else None
            self.set_header("Retry-After", str(math.ceil(wait or _RETRY_SECONDS)))
        self._refuse(status, text, reader)

    def _refuse(self, status: int, text: str, reader: Language) -> None:
        self.set_status(status)
        self.finish(message_page(reader.gettext("Explanation for the customer"), text, reader))


def failure(error: ClairscoreError, sk_id_curr: int, reader: Language) -> tuple[int, str]:
    """The HTTP status, and why there is no letter, in one sentence for the officer."""
    _ = reader.gettext
    status, text = 500, _("The letter could not be made; the log of the server says why.")
    match error:
        case NotFound() if "scenario" in error.details:
            status, text = 404, _("The scenario of this link does not exist (any more).")
        case NotFound():
            status, text = 404, _("There is no client with the identifier {client}. Check it or choose another client.")
        case InvalidInput():
            status, text = 409, _("A changed value is not possible: correct it, then save.")
        case Misconfigured():
            status = 501
            text = _("Letters cannot be printed on this server: whoever runs it must install WeasyPrint and the "
                     "packages {packages}.")  # fmt: skip
        case ResourceExhausted() | DeadlineExceeded():
            status, text = 503, _("Too much is to be done at the moment: try again soon.")
        case Unavailable() if "progress" in error.details:
            status, text = 503, _("The explanations of the portfolio are being computed: {share}.")
        case Unavailable() | FailedPrecondition():
            status, text = 503, _("A service that the letter needs does not answer at the moment: try again soon.")
    share = reader.format.percent(float(error.details.get("progress", 0)), 0)
    return status, text.format(client=sk_id_curr, packages=", ".join(PACKAGES), share=share)
