"""What a page is given when an officer opens it, and how it comes to life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import panel as pn
from panel_material_ui.template.base import Page

from frontend.clients.services import Services
from frontend.components.navigation import Navigation
from frontend.language import Language
from frontend.page_session import PageSession, PageView
from frontend.pages.screen import Screen

_V = TypeVar("_V", bound=PageView)
_V_contra = TypeVar("_V_contra", bound=PageView, contravariant=True)


@dataclass(frozen=True)
class Opening:
    """One opening of a page; ``arguments`` are the parameters of the address that it was opened with."""

    language: Language
    navigation: Navigation
    arguments: Mapping[str, str]
    services: Services


class Shows(Protocol[_V_contra]):
    """A page: made of components, brought up to date by views."""

    def layout(self) -> Page:
        """The page, to be served."""
        ...

    def show(self, view: _V_contra) -> None:
        """Shows a view."""
        ...


def bring_to_life(page: Shows[_V], session: PageSession[_V], opening: Opening) -> Page:
    """Starts the session and lets the page show it, for the browser session whose document is the current one."""
    screen = Screen(page.show)
    pn.state.on_session_destroyed(lambda _context: session.close())
    session.start(opening.arguments)
    page.show(session.view)
    session.attach(screen.show)
    pn.state.onload(screen.open)
    return page.layout()
