"""What journeys through the dashboard have in common: clients worth visiting, and how the page says a figure."""

from support.stack import Stack

from frontend.language import Language
from pipeline.features import describe

FIRST = 100_001
# Explanations of the portfolio are computed while the first tests run, and on a busy machine.
PATIENCE = 60_000

# Changes for the worse that a customer could take back: what is typed in the unit of the form, and the value meant.
_WORSE = (
    ("DAYS_EMPLOYED", "0.01", -4.0),
    ("AMT_INCOME_TOTAL", "16000", 16_000.0),
    ("AMT_ANNUITY", "287000", 287_000.0),
    ("AMT_CREDIT", "249000", 249_000.0),
)


def shown(share: float) -> str:
    """A share as a meter says it: percent, one decimal."""
    return f"{round(100 * share, 1):g}"


def typed(text: str, language: Language) -> str:
    """A number with a point as an officer of that language types it."""
    return text.replace(".", ",") if language.code == "fr" else text


def label(feature: str, language: Language) -> str:
    """What the form calls a base feature."""
    found = next(one for one in describe.unobserved().base if one.name == feature)
    return found.label_fr if language.code == "fr" else found.label_en


def of_decision(stack: Stack, decision: str) -> int:
    """The first client whom the model accepts or refuses."""
    return next(c for c in range(FIRST, FIRST + 100) if stack.score(c)[0].decision.value == decision)


def refused_by_an_edit(stack: Stack) -> tuple[int, str, str]:
    """An accepted client whom one change has refused, with the changed feature and what is typed (see ``typed``)."""
    for client in range(FIRST, FIRST + 100):
        if stack.score(client)[0].decision.value == "accept":
            for feature, text, value in _WORSE:
                if stack.score(client, **{feature: value})[0].decision.value == "refuse":
                    return client, feature, text
    raise AssertionError("no client is near enough to the threshold")
