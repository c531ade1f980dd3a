"""The frame of every page: a Material UI page in our own document, in the officer's language."""

from pathlib import Path

import panel as pn
import panel_material_ui
from panel.io.resources import LOCAL_DIST
from panel.util.parameters import edit_readonly
from panel_material_ui.template.base import Page

from frontend import theme
from frontend.language import Language

_TEMPLATE = Path(__file__).with_suffix(".html")

_MATERIAL = Path(panel_material_ui.__file__).parent / "dist"
_MATERIAL_ADDRESS = "static/extensions/panel-material-ui"
# Of the faces that come with Material UI the ones that our languages need: a browser that is offered all of them, under
# one name, fetches them one after the other. By weight.
_FONTS = {
    weight: f"{_MATERIAL_ADDRESS}/{next(_MATERIAL.glob(f'roboto-latin-{weight}-normal-*.woff2')).name}"
    for weight in (400, 700)
}

_LAYOUT = {
    # The header takes the height that it needs, and the content what is left.
    "height": "100dvh",
    "flexDirection": "column",
    "& .MuiAppBar-root": {"position": "static", "flex": "none"},
    "& .main": {"minHeight": 0, "width": "100%"},
    "& .main .MuiToolbar-root": {"display": "none"},
    "& main": {"backgroundColor": "var(--cs-ground)"},
    # The bar has no accessible name, and "no indicator" (None) does not reach the browser.
    "& .MuiLinearProgress-root": {"display": "none"},
    # On paper nothing scrolls: every box is as high as what is in it.
    "@media print": {
        "&, & .main, & .main > .MuiBox-root, & .main-content": {
            "display": "block",
            "height": "auto",
            "overflow": "visible",
            "backgroundColor": "transparent",
        },
        "& .MuiAppBar-root": {"backgroundColor": "transparent"},
    },
}


def frame(language: Language, title: str, header: pn.viewable.Viewable, main: pn.viewable.Viewable) -> Page:
    """Puts header and content into a page, for the session whose document is the current one."""
    document = pn.state.curdoc
    if document is None:
        raise RuntimeError("a page is made inside a session")
    document.config.notify_connection_status = False
    document.config.reconnect_session = False
    document.template_variables.update(
        # Panel says so itself only when it writes the page's document; what is shown before would refer to a CDN.
        dist_url=f"{pn.state.rel_path}/{LOCAL_DIST}" if pn.state.rel_path else LOCAL_DIST,
        language=language.code,
        style_sheet=_font_faces() + theme.style_sheet(),
        fonts=list(_FONTS.values()),
        # The largest script, which is asked for only once the others have run.
        module=Page._render_esm(compiled=True, server=True),
        texts={
            "skip": language.gettext("Skip to the content"),
            "shortcut": language.gettext("Shortcut"),
            "loading": language.gettext("Loading…"),
            "noscript": language.gettext("This page needs JavaScript."),
            "lost": language.gettext("The connection to the server is lost. The page comes back by itself."),
            "reload": language.gettext("Reload"),
        },
    )
    page = Page(  # type: ignore[no-untyped-call]
        header=[header],
        main=[main],
        main_width=theme.PAGE_WIDTH,
        meta_title=title,
        theme_config=theme.material(),
        theme_toggle=False,
        template=_TEMPLATE,
        sx=_LAYOUT,
    )
    _unbind_busy(page)
    return page


def _font_faces() -> str:
    return "".join(
        f"@font-face{{font-family:{theme.FONT_NAME};font-weight:{weight};font-display:swap;"
        f'src:url("{address}") format("woff2")}}'
        for weight, address in _FONTS.items()
    )


def _unbind_busy(page: Page) -> None:
    """Frees the page from the busy state of the whole process.

    panel-material-ui 0.16 binds every page to it, so that each event of any session is sent to all sessions, and the
    binding keeps the documents of closed sessions alive.
    """
    for names, watcher in list(page._param__private.ref_watchers):
        if "busy" in names:
            pn.state.param.unwatch(watcher)
    with edit_readonly(page):
        page.busy = False
