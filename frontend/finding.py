"""Search of clients by attributes: what an officer writes into the form, and what it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from frontend.clients.types import AttributeFilter, SearchResults
from frontend.components.fieldset import read_number
from frontend.remote import NOT_ASKED, Remote

# Categories by the attribute's name in the contract, with the feature whose labels name them.
CATEGORIES: Mapping[str, str] = {
    "contract_type": "NAME_CONTRACT_TYPE",
    "income_type": "NAME_INCOME_TYPE",
    "education": "NAME_EDUCATION_TYPE",
    "family_status": "NAME_FAMILY_STATUS",
    "gender": "CODE_GENDER",
}
# Parts of the published score.
OUTCOMES = ("decision", "band")
# Numbers, with what one of the form is in the contract: percent there are shares here.
RANGES: Mapping[str, float] = {"age": 1.0, "income": 1.0, "credit": 1.0, "probability_of_repayment": 0.01}
# Clients on a page of what is found.
PAGE = 10
FROM, TO = "_from", "_to"


@dataclass(frozen=True, slots=True)
class Finding:
    """The search by attributes: whether it is open, the form's texts by field, and the page that was found.

    ``tokens`` are those of the pages up to the one that is shown; the first page's is empty.
    """

    open: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    tokens: Sequence[str] = ("",)
    found: Remote[SearchResults] = NOT_ASKED


def faults(texts: Mapping[str, str]) -> dict[str, bool]:
    """Fields of the form that say nothing possible. True: the text is no number; False: the end is before the start."""
    found = {}
    for name in RANGES:
        ends = [_number(texts, name + end) for end in (FROM, TO)]
        for end, number in zip((FROM, TO), ends, strict=True):
            if number is None and texts.get(name + end, "").strip():
                found[name + end] = True
        low, high = ends
        if low is not None and high is not None and low > high:
            found[name + TO] = False
    return found


def filters(texts: Mapping[str, str]) -> list[AttributeFilter]:
    """What the form asks for; nothing for fields that are empty."""
    chosen = [AttributeFilter(name, categories=(texts[name],)) for name in (*CATEGORIES, *OUTCOMES) if texts.get(name)]
    for name, factor in RANGES.items():
        low, high = (_number(texts, name + end) for end in (FROM, TO))
        if low is not None or high is not None:
            chosen.append(
                AttributeFilter(
                    name,
                    minimum=None if low is None else low * factor,
                    maximum=None if high is None else high * factor,
                )
            )
    return chosen


def _number(texts: Mapping[str, str], name: str) -> float | None:
    return read_number(texts.get(name, ""))
