"""Reasons in words: what speaks for a client and what against."""

from collections.abc import Sequence

from markupsafe import Markup

from frontend.clients.explanations import Explanation, Reason
from frontend.components.chart_card import failure_text
from frontend.components.navigation import address
from frontend.components.table_file import file_html
from frontend.language import Language
from frontend.remote import Failed, Pending, Ready, Remote

_CARD = Markup(
    '<section class="card" aria-labelledby="reasons" aria-busy="{busy}"><h2 id="reasons">{title}</h2>'
    "{content}</section>"
)
_SIDES = Markup('<div class="sides">{sides}</div>{file}<p class="next"><a href="{link}">{text}</a></p>')
_SIDE = Markup(
    '<div class="side"><{level} class="{tone}"><span aria-hidden="true">{sign}</span> {title}</{level}>'
    "<ul>{items}</ul></div>"
)
_ITEM = Markup("<li>{sentence}{mark}</li>")
_MARK = Markup(' <span class="protected">{}</span>')


def reasons_html(explanation: Remote[Explanation], client: str, language: Language) -> str:
    """The card of one client, with a link to where its data can be changed; or why there are no reasons (yet)."""
    _ = language.gettext
    busy = not isinstance(explanation, Ready | Failed)
    match explanation:
        case Ready(value=found):
            link = address("/comparaison", {"client": client, "lang": language.code})
            content = _SIDES.format(
                sides=sides_html(found, "h3", language),
                file=reasons_file([("", found)], language),
                link=link,
                text=_("Change the data of this client and compare"),
            )
        case Failed(error=error):
            text, busy = failure_text(error, language)
            content = message_html(text)
        case Pending() | _:
            content = message_html(_("Being computed…"))
    return str(_CARD.format(busy="true" if busy else "false", title=_("Main reasons"), content=content))


def sides_html(explanation: Explanation, level: str, language: Language) -> Markup:
    """Both sides, each a list under a heading of this level ("h3")."""
    _ = language.gettext
    protected = {one.feature for one in explanation.contributions if one.protected}

    def side(title: str, tone: str, sign: str, reasons: Sequence[Reason]) -> Markup:
        mark = _MARK.format(_("protected by law"))
        items = [
            _ITEM.format(sentence=one.sentence, mark=mark if one.feature in protected else "") for one in reasons
        ] or [_ITEM.format(sentence=_("nothing important"), mark="")]
        return _SIDE.format(level=level, tone=tone, sign=sign, title=title, items=Markup("").join(items))

    return side(_("Speaks for repayment"), "favourable", "+", explanation.reasons_for) + side(
        _("Speaks against it"), "unfavourable", "−", explanation.reasons_against
    )


def reasons_file(versions: Sequence[tuple[str, Explanation]], language: Language) -> Markup:
    """The reasons of each named version as a file."""
    rows = [
        (version, side, one.feature, one.sentence, one.points)
        for version, found in versions
        for side, reasons in (("for", found.reasons_for), ("against", found.reasons_against))
        for one in reasons
    ]
    header = ("version", "side", "feature", "sentence", "points_of_probability")
    return file_html("reasons", language.gettext("Main reasons"), header, rows, language)


def message_html(text: str) -> Markup:
    """What is said instead of reasons."""
    return Markup('<p class="soft">{}</p>').format(text)
