"""What stands above and below every page: name, language switch, and which model speaks."""

from urllib.parse import urlencode

from markupsafe import Markup

from frontend.clients.types import Model, Publication
from frontend.language import Language


def address(language: Language, code: str, client: str) -> str:
    """The address of the same page in a language; the default language and no client need no parameter."""
    parameters = {"client": client} if client else {}
    parameters["lang"] = code
    return "?" + urlencode(parameters)


def masthead_html(language: Language, logo: str, client: str) -> str:
    """Logo, title and the links to the same page in the other languages."""
    home = Markup('<a class="home" href="{}">{}<span>Prêt à dépenser</span></a>').format(
        address(language, language.code, ""), Markup(logo)
    )
    title = Markup("<h1>{}</h1>").format(language.gettext("Credit decision"))
    links = Markup("").join(
        Markup('<a class="language" href="{}" hreflang="{}" lang="{}">{}</a>').format(
            address(language, code, client), code, code, name
        )
        for code, name in language.others.items()
    )
    frame = Markup('<div class="masthead">{}{}<nav aria-label="{}">{}</nav></div>')
    return str(frame.format(home, title, language.gettext("Language"), links))


def colophon_html(model: Model | None, publication: Publication | None, language: Language) -> str:
    """Version and date of the model, and since when the portfolio is as it is."""
    parts = []
    if model is not None:
        parts.append(
            language.gettext("Model {version} of {date}").format(
                version=model.version, date=language.format.date(model.created_at)
            )
        )
    if publication is not None:
        parts.append(
            language.gettext("Portfolio published on {date}").format(date=language.format.date(publication.published_at))
        )
    return str(Markup('<p class="soft">{}</p>').format(" · ".join(parts)))


MASTHEAD_CSS = """
:host { width: 100%; color: var(--cs-on-brand); }
.masthead { display: flex; align-items: center; gap: .5rem 1rem; min-height: 3.5rem; }
.home { display: flex; align-items: center; gap: .625rem; color: inherit; font-weight: 700; text-decoration: none; white-space: nowrap; }
.home svg { display: block; width: 2rem; height: 2rem; }
h1 { flex: 1; margin: 0; padding-left: 1rem; border-left: 1px solid currentcolor; font-size: 1rem; font-weight: 400; line-height: 1.4; }
.language { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 .25rem; color: inherit; font-weight: 700; }
a:focus-visible { outline-color: var(--cs-on-brand); }
@media (max-width: 30rem) { .home span { position: absolute; clip-path: inset(50%); } h1 { padding-left: 0; border: 0; } }
"""
COLOPHON_CSS = ".soft { font-size: .8125rem; } p { padding: .25rem 0 1rem; }"
