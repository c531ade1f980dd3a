"""Reasons in words of one version of a client, or of two side by side."""

from collections.abc import Sequence

from markupsafe import Markup

from frontend.clients.explanations import Explanation
from frontend.components.chart_card import failure_text
from frontend.components.reasons import message_html, reasons_file, sides_html
from frontend.language import Language
from frontend.remote import Failed, Ready, Remote

_COLUMN = Markup('<div class="column"><h3>{title}</h3>{content}</div>')
_CARD = Markup(
    '<section class="card" aria-busy="{busy}"><h2>{title}</h2><div class="columns">{columns}</div>{file}</section>'
)


def reasons_html(versions: Sequence[tuple[str, Remote[Explanation]]], language: Language, *, busy: bool) -> str:
    """What speaks for and against each version, under its title."""
    columns = Markup("").join(
        _COLUMN.format(title=title, content=_content(explanation, language)) for title, explanation in versions
    )
    found = [(title, explanation.value) for title, explanation in versions if isinstance(explanation, Ready)]
    file = reasons_file(found, language) if found else ""
    title = language.gettext("Main reasons")
    return str(_CARD.format(title=title, columns=columns, file=file, busy="true" if busy else "false"))


def _content(explanation: Remote[Explanation], language: Language) -> Markup:
    match explanation:
        case Ready(value=found):
            return sides_html(found, "h4", language)
        case Failed(error=error):
            return message_html(failure_text(error, language)[0])
    return message_html(language.gettext("Being computed…"))
