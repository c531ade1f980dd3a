"""What stands above and below every page: name, language switch, and which model speaks."""

from urllib.parse import urlencode

from markupsafe import Markup

from frontend.clients.types import Model, Publication
from frontend.language import Language


def address(code: str, client: str) -> str:
    """The address of the page in a language, with a client if there is one."""
    parameters = {"client": client} if client else {}
    parameters["lang"] = code
    return "?" + urlencode(parameters)


def masthead_html(language: Language, logo: str, client: str) -> str:
    """Logo, title and the links to the same page in the other languages."""
    home = Markup('<a class="home" href="{}">{}<span>Prêt à dépenser</span></a>').format(
        address(language.code, ""), Markup(logo)
    )
    title = Markup("<h1>{}</h1>").format(language.gettext("Credit decision"))
    links = Markup("").join(
        Markup('<a class="language" href="{}" hreflang="{}" lang="{}">{}</a>').format(
            address(code, client), code, code, name
        )
        for code, name in language.others.items()
    )
    frame = Markup('<div class="masthead">{}{}<nav aria-label="{}">{}</nav></div>')
    return str(frame.format(home, title, language.gettext("Language"), links))


def colophon_html(model: Model | None, publication: Publication | None, language: Language) -> str:
    """Version and date of the model, which lead to its card, and since when the portfolio is as it is."""
    parts: list[str] = []
    if model is not None:
        name = language.gettext("Model {version} of {date}").format(
            version=model.version, date=language.format.date(model.created_at)
        )
        link = Markup(
            '<a href="model-card?lang={}" target="_blank" rel="noopener">{}<span class="out-of-sight"> ({})</span></a>'
        )
        parts.append(link.format(language.code, name, language.gettext("model card, opens in a new tab")))
    if publication is not None:
        parts.append(
            language.gettext("Portfolio published on {date}").format(
                date=language.format.date(publication.published_at)
            )
        )
    return str(Markup('<p class="soft">{}</p>').format(Markup(" · ").join(parts)))
