"""What became of a group of clients, in words; of few clients nothing is told."""

from frontend.analysis.outcomes import Outcomes
from frontend.analysis.plane import LEAST
from frontend.language import Language


def rate_is_told(found: Outcomes) -> bool:
    """Whether enough outcomes are known to tell their share: it must say something, and nothing of one client."""
    return found.default_rate is not None and found.known >= LEAST


def rate_text(found: Outcomes, language: Language) -> str:
    """The observed default rate with its interval: "8,1 % (7,4 % to 8,8 %)"."""
    rate = found.default_rate
    if rate is None or not rate_is_told(found):
        return language.gettext("too few outcomes")
    percent = language.format.percent
    return language.gettext("{rate} ({low} to {high})").format(
        rate=percent(rate.value), low=percent(rate.low), high=percent(rate.high)
    )


def score_text(found: Outcomes, language: Language) -> str:
    """The mean score; a dash for nobody."""
    return "–" if found.mean_score is None else language.format.percent(found.mean_score)


def csv_figures(found: Outcomes) -> tuple[float | None, ...]:
    """Clients, known outcomes, default rate with its interval, mean score; as in ``CSV_HEADER``."""
    rate = found.default_rate if rate_is_told(found) else None
    told = (rate.value, rate.low, rate.high) if rate else (None, None, None)
    return (found.clients, found.known, *told, found.mean_score)


CSV_HEADER = ("clients", "known_outcomes", "default_rate", "default_rate_low", "default_rate_high", "mean_score")
