"""Panel pieces without a behaviour of their own."""

import panel as pn

from frontend import theme


def block(css: str = "") -> pn.pane.HTML:
    """A place for trusted HTML; its styles see nothing of the page around."""
    return pn.pane.HTML(
        "",
        sanitize_html=False,
        disable_math=True,
        stylesheets=[theme.BASE_CSS, css],
        sizing_mode="stretch_width",
        margin=0,
    )


def grid(*objects: pn.viewable.Viewable, columns: str, **params: object) -> pn.Column:
    """Objects on a CSS grid with ``grid-template-columns: columns``."""
    return pn.Column(
        *objects,
        sizing_mode="stretch_width",
        margin=0,
        styles={"display": "grid", "grid-template-columns": columns, "gap": theme.GAP, "align-items": "start"},
        **params,
    )
