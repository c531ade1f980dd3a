"""Figures of groups of clients, side by side in a table that every page shows alike."""

from collections.abc import Sequence

from markupsafe import Markup

from frontend.analysis.outcomes import Outcomes
from frontend.charts.outcome_words import rate_text, score_text
from frontend.components.table_file import file_html
from frontend.language import Language
from pipeline.evaluation.result import Interval

_CARD = Markup('<section class="card" aria-labelledby="{id}"><h2 id="{id}">{title}</h2>{content}</section>')


def card_html(title: str, identifier: str, *content: Markup) -> str:
    """A card with a heading; ``identifier`` is the heading's, unique on the page."""
    return str(_CARD.format(id=identifier, title=title, content=Markup("").join(content)))


def table_html(header: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> Markup:
    """A table; the first cell of a row is its heading. ``name`` says what it holds."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(text) for text in header)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup('<th scope="row">{}</th>').format(row[0])
            + Markup("").join(Markup("<td>{}</td>").format(text) for text in row[1:])
        )
        for row in rows
    )
    return Markup(
        '<div class="outcome-scroll" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(name, head, body)


def list_html(texts: Sequence[str]) -> Markup:
    """A list of sentences."""
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(text) for text in texts))


def note_html(text: str) -> Markup:
    """A remark below."""
    return Markup('<p class="outcome-note">{}</p>').format(text) if text else Markup("")


def outcomes_html(groups: Sequence[tuple[str, Outcomes]], language: Language) -> Markup:
    """Clients, observed default rate with interval and mean score of each group."""
    _ = language.gettext
    header = (_("Group"), _("Clients"), _("Default rate"), _("Mean score"))
    rows = [
        (name, language.format.integer(found.clients), rate_text(found, language), score_text(found, language))
        for name, found in groups
    ]
    figures = [
        (name, found.clients, found.known, found.defaults, *bounds(found.default_rate), found.mean_score)
        for name, found in groups
    ]
    names = ("group", "clients", "known", "defaults", *bounds_header("default_rate"), "mean_probability_of_repayment")
    title = _("Figures by group")
    return table_html(header, rows, title) + file_html("groups", title, names, figures, language)


def bounds(interval: Interval | None) -> tuple[float | None, float | None, float | None]:
    """Value and both ends of an interval, for a file."""
    return (interval.value, interval.low, interval.high) if interval else (None, None, None)


def bounds_header(name: str) -> tuple[str, str, str]:
    """What the columns of ``bounds`` are called."""
    return name, f"{name}_low", f"{name}_high"
