"""What stands above every page: whose it is, its title, the way to the other pages, theme and language."""

from collections.abc import Mapping
from pathlib import Path

import param

from frontend.components.base import Component, styles
from frontend.components.navigation import Navigation, address
from frontend.language import Language

_LOGO = Path(__file__).parents[1] / "assets" / "logo.svg"


class Masthead(Component):
    """Logo, title, navigation, the switch of the theme (which the browser keeps) and links to the other languages."""

    title = param.String(doc="Heading of the page")
    pages = param.List([], doc="Links of the navigation: name, address, current")
    languages = param.List([], doc="The same page in the other languages: code, name, address")
    home = param.String(doc="Address of the first page")
    logo = param.String(doc="SVG")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("masthead.js")
    _stylesheets = styles("masthead")

    def __init__(self, language: Language, navigation: Navigation, title: str) -> None:
        super().__init__(
            title=title,
            logo=_LOGO.read_text(encoding="utf-8"),
            home=address("/", {"lang": language.code}),
            texts={
                "pages": language.gettext("Pages"),
                "language": language.gettext("Language"),
                "dark": language.gettext("Dark theme"),
            },
        )
        self._language = language
        self._navigation = navigation

    def display(self, client: str, cohort: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        """Lets the links lead to the same client and cohort, those of the languages to the same page with all of it."""
        own, current = self._language, self._navigation.current
        self.param.update(
            pages=self._navigation.links(own.code, client, cohort),
            languages=[
                {"code": code, "name": name, "address": address(current, {**parameters, "lang": code})}
                for code, name in own.others.items()
            ],
        )
