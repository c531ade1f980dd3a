"""Panel pieces without a behaviour of their own."""

from typing import TypeVar

import panel as pn

from frontend import theme
from frontend.components.base import styles

_L = TypeVar("_L", pn.Row, pn.Column)

# Bokeh would make an object as high as its own content, whatever its place.
_AS_HIGH = {"align-self": "stretch", "height": "auto", "max-height": "none"}


def block(style: str, flex: str = "none") -> pn.pane.HTML:
    """A place for trusted HTML with its own style sheet; in a row, ``flex`` says how wide it is."""
    return pn.pane.HTML(  # type: ignore[no-untyped-call]
        "",
        sanitize_html=False,
        disable_math=True,
        stylesheets=styles(style),
        sizing_mode="stretch_width",
        margin=0,
        styles={"flex": flex, **_AS_HIGH},
    )


def beside(grow: int, width: str) -> dict[str, str]:
    """Styles of an object in a row: how much of the room it takes, the width it wants; as high as its neighbours."""
    return {"flex": f"{grow} 1 {width}", "min-width": f"min({width}, 100%)", **_AS_HIGH}


# Bokeh lets no layout be higher than its place: what follows would lie over content that has grown.
_GROWS = {"max-height": "none"}
# On paper one under the other: a flexible box does not know how high its parts are once a page has ended within.
_PRINT = (
    "@media print { :host { display: block !important; padding: 0 !important; }"
    " div { margin-bottom: .75rem !important; } div:last-of-type { margin-bottom: 0 !important; } }"
)


def row(*objects: pn.viewable.Viewable, above: bool = False) -> pn.Row:
    """Objects side by side, or one under the other where the page is narrow; each says by ``flex`` how wide it is.

    ``above``: what opens from this row lies over what follows it.
    """
    made = pn.Row(
        *objects,
        sizing_mode="stretch_width",
        margin=0,
        styles={"flex-wrap": "wrap", "gap": theme.GAP, "z-index": "1" if above else "auto", **_GROWS},
    )
    return _printable(made)


def stack(*objects: pn.viewable.Viewable, gap: str = theme.GAP, padding: str = "0", visible: bool = True) -> pn.Column:
    """Objects one under the other."""
    made = pn.Column(
        *objects,
        sizing_mode="stretch_width",
        margin=0,
        visible=visible,
        styles={"gap": gap, "padding": padding, **_GROWS},
    )
    return _printable(made)


def _printable(layout: _L) -> _L:
    """Lets a layout be printed; not while it is hidden, since its display on paper would go before its absence."""

    def follow() -> None:
        layout.stylesheets = [_PRINT] if layout.visible else []

    layout.param.watch(lambda _event: follow(), "visible")
    follow()
    return layout
