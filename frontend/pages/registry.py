"""All pages of the dashboard: a page is a module and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from panel_material_ui.template.base import Page

from frontend.components.navigation import Navigation, PageLink
from frontend.language import Language
from frontend.pages import application, client, compare, cross_analysis, features, models, portfolio, products
from frontend.pages.opening import Opening


@dataclass(frozen=True)
class Entry:
    """A page: its address, its name in the navigation, and what opens it; an ``analysis`` is of a cohort."""

    path: str
    name: Callable[[Language], str]
    open: Callable[[Opening], Page]
    analysis: bool = False


# In the order of the navigation.
PAGES = (
    Entry("/", client.name, client.open_page),
    Entry("/comparaison", compare.name, compare.open_page),
    Entry("/demande", application.name, application.open_page),
    Entry("/variables", features.name, features.open_page, analysis=True),
    Entry("/croisements", cross_analysis.name, cross_analysis.open_page, analysis=True),
    Entry("/portefeuille", portfolio.name, portfolio.open_page, analysis=True),
    Entry("/produits", products.name, products.open_page),
    Entry("/modeles", models.name, models.open_page),
)


def navigation(language: Language, current: str) -> Navigation:
    """The navigation as it is on the page with the address ``current``."""
    return Navigation([PageLink(page.path, page.name(language), page.analysis) for page in PAGES], current)
