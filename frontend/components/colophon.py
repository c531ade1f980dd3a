"""What stands below every page: which model speaks, and since when the portfolio is as it is."""

from markupsafe import Markup

from frontend.clients.types import Model, Publication
from frontend.language import Language

_CARD = Markup(
    '<a href="model-card?lang={}" target="_blank" rel="noopener">{}<span class="out-of-sight"> ({})</span></a>'
)


def colophon_html(model: Model | None, publication: Publication | None, language: Language) -> str:
    """Version and date of the model, which lead to its card, and since when the portfolio is as it is."""
    parts: list[str] = []
    if model is not None:
        name = language.gettext("Model {version} of {date}").format(
            version=model.version, date=language.format.date(model.created_at)
        )
        parts.append(_CARD.format(language.code, name, language.gettext("model card, opens in a new tab")))
    if publication is not None:
        parts.append(
            language.gettext("Portfolio published on {date}").format(
                date=language.format.date(publication.published_at)
            )
        )
    return str(Markup('<p class="soft">{}</p>').format(Markup(" · ").join(parts)))
