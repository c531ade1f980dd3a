"""The letter for the customer: one link for each language, and where its making stands."""

from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component, styles
from frontend.components.navigation import address
from frontend.language import NAMES, Language, language

# Where letters are.
LETTER = "/lettre"


def file_name(client: str, spoken: Language) -> str:
    """What a letter's file is called, in ASCII: ``"explication-100001.pdf"``."""
    return spoken.gettext("explanation-{client}.pdf").format(client=client)


class LetterPanel(Component):
    """Fetches the letter when a link is followed: a refusal is then said here, and the page stays."""

    letters = param.List([], doc="Language (code, name), address and file name of each; empty: nothing to write about")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("letter_panel.js")
    _stylesheets = styles("letter_panel")

    def __init__(self, spoken: Language, **params: Any) -> None:
        _ = spoken.gettext
        super().__init__(
            texts={
                "title": _("Explanation for the customer"),
                "text": _("A letter to take home: the proposal, its reasons, the data used and the customer's rights."),
                "download": _("Download (PDF):"),
                "busy": _("The letter is being made…"),
                "done": _("The letter is there: {file}."),
                "failed": _("The letter could not be fetched: the dashboard does not answer."),
            },
            **params,
        )
        self._code = spoken.code

    def display(self, client: str, scenario: str = "") -> None:
        """Offers the letters of a client, with a saved scenario if one is given; none without a client."""
        self.letters = [
            {
                "code": code,
                "name": name,
                "address": address(LETTER, {"client": client, "scenario": scenario, "lang": code, "page": self._code}),
                "file": file_name(client, language(code)),
            }
            for code, name in NAMES.items()
            if client
        ]
