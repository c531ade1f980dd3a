"""The strip that says where the page stands: which client, what is proposed, or why nothing is."""

from enum import StrEnum
from pathlib import Path

import param

from frontend.components.base import Component, styles


class Tone(StrEnum):
    """How the strip looks; its words say the same."""

    NEUTRAL = "neutral"
    BUSY = "busy"
    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"
    WARNING = "warning"


class Verdict(Component):
    """A heading, a proposal with sign and colour, a sentence announced to screen readers, and a note."""

    tone = param.String(Tone.NEUTRAL.value)
    heading = param.String()
    proposal = param.String(doc="Empty: no proposal")
    sentence = param.String()
    note = param.String()

    _esm = Path(__file__).with_name("verdict.js")
    _stylesheets = styles("verdict")

    def display(self, tone: Tone, heading: str, sentence: str, *, proposal: str = "", note: str = "") -> None:
        """Shows all of it at once."""
        self.param.update(tone=tone.value, heading=heading, sentence=sentence, proposal=proposal, note=note)
