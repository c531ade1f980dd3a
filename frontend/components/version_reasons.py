"""Reasons in words of one version of a client, or of two side by side."""

from collections.abc import Sequence

from markupsafe import Markup

from frontend.clients.explanations import Explanation, Reason
from frontend.components.chart_card import failure_text
from frontend.language import Language
from frontend.remote import Failed, Ready, Remote

_LIST = Markup('<h4 class="{tone}"><span aria-hidden="true">{sign}</span> {title}</h4><ul>{items}</ul>')
_ITEM = Markup("<li>{}</li>")
_COLUMN = Markup('<div class="column"><h3>{title}</h3>{content}</div>')
_CARD = Markup(
    '<section class="card" aria-busy="{busy}"><h2>{title}</h2><div class="columns">{columns}</div></section>'
)


def reasons_html(versions: Sequence[tuple[str, Remote[Explanation]]], language: Language, *, busy: bool) -> str:
    """What speaks for and against each version, under its title."""
    columns = Markup("").join(
        _COLUMN.format(title=title, content=_content(explanation, language)) for title, explanation in versions
    )
    title = language.gettext("Main reasons")
    return str(_CARD.format(title=title, columns=columns, busy="true" if busy else "false"))


def _content(explanation: Remote[Explanation], language: Language) -> Markup:
    _ = language.gettext
    match explanation:
        case Ready(value=found):
            return _list(_("Speaks for repayment"), "favourable", "+", found.reasons_for, language) + _list(
                _("Speaks against it"), "unfavourable", "−", found.reasons_against, language
            )
        case Failed(error=error):
            return _message(failure_text(error, language)[0])
    return _message(_("Being computed…"))


def _list(title: str, tone: str, sign: str, reasons: Sequence[Reason], language: Language) -> Markup:
    sentences = [one.sentence for one in reasons] or [language.gettext("nothing important")]
    items = Markup("").join(_ITEM.format(sentence) for sentence in sentences)
    return _LIST.format(title=title, tone=tone, sign=sign, items=items)


def _message(text: str) -> Markup:
    return Markup("<p class='soft'>{}</p>").format(text)
