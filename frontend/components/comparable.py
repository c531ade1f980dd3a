"""The clients whose scores are explained most alike: the nearest accepted and the nearest refused ones."""

from collections.abc import Sequence

from markupsafe import Markup

from frontend.clients.explanations import ComparableClient, ComparableClients
from frontend.clients.types import Decision
from frontend.components.chart_card import failure_text
from frontend.components.navigation import address
from frontend.components.reasons import message_html
from frontend.components.table_file import file_html
from frontend.language import Language
from frontend.remote import Failed, Ready, Remote

# Upper ends, log-odds. Of the demonstration's clients the nearest lie around 0.2 away, and two drawn at random around
# 0.75, only a twentieth of such pairs below 0.47.
_VERY_CLOSE, _CLOSE, _RATHER_CLOSE = 0.25, 0.45, 0.6

_CARD = Markup(
    '<section class="card" aria-labelledby="comparable" aria-busy="{busy}"><h2 id="comparable">{title}</h2>'
    "{content}</section>"
)
_TABLES = Markup('<p class="soft">{text}</p><div class="tables">{tables}</div>{file}')
_TABLE = Markup(
    '<table><caption><span class="{tone}"><span aria-hidden="true">{sign}</span> {title}</span></caption>'
    '<thead><tr><th scope="col">{client}</th><th scope="col">{probability}</th><th scope="col">{likeness}</th></tr>'
    "</thead><tbody>{rows}</tbody></table>"
)
_ROW = Markup('<tr><th scope="row"><a href="{link}">{client}</a></th><td>{probability}</td><td>{likeness}</td></tr>')


def comparable_html(comparable: Remote[ComparableClients], language: Language) -> str:
    """The card with one table for each decision; or why there is none (yet)."""
    _ = language.gettext
    busy = not isinstance(comparable, Ready | Failed)
    match comparable:
        case Ready(value=found):
            text = _("The clients whose scores come about in the most similar way: the same features count as much.")
            tables = _table(_("Accepted"), "favourable", "✓", found.accepted, language) + _table(
                _("Refused"), "unfavourable", "✕", found.refused, language
            )
            content = _TABLES.format(text=text, tables=tables, file=_file(found, language))
        case Failed(error=error):
            message, busy = failure_text(error, language)
            content = message_html(message)
        case _:
            content = message_html(_("Being computed…"))
    return str(_CARD.format(busy="true" if busy else "false", title=_("Comparable clients"), content=content))


def likeness(distance: float, language: Language) -> str:
    """A distance of contributions (log-odds) in words."""
    _ = language.gettext
    if distance < _VERY_CLOSE:
        return _("very similar")
    if distance < _CLOSE:
        return _("similar")
    if distance < _RATHER_CLOSE:
        return _("rather similar")
    return _("little similar")


def _file(found: ComparableClients, language: Language) -> Markup:
    rows = [
        (decision.value, one.sk_id_curr, one.probability_of_repayment, one.distance)
        for decision, clients in ((Decision.ACCEPT, found.accepted), (Decision.REFUSE, found.refused))
        for one in clients
    ]
    header = ("decision", "client", "probability_of_repayment", "distance_log_odds")
    return file_html("comparable-clients", language.gettext("Comparable clients"), header, rows, language)


def _table(title: str, tone: str, sign: str, clients: Sequence[ComparableClient], language: Language) -> Markup:
    _ = language.gettext
    if not clients:
        return Markup('<p class="soft">{}</p>').format(_("No client of this decision."))
    rows = Markup("").join(
        _ROW.format(
            link=address("/", {"client": str(one.sk_id_curr), "lang": language.code}),
            client=one.sk_id_curr,
            probability=language.format.percent(one.probability_of_repayment),
            likeness=likeness(one.distance, language),
        )
        for one in clients
    )
    return _TABLE.format(
        title=title,
        tone=tone,
        sign=sign,
        client=_("Client"),
        probability=_("Probability of repayment"),
        likeness=_("Similarity"),
        rows=rows,
    )
