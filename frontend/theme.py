"""How the dashboard looks: the one place for colours, sizes and type, in a light and a dark theme.

Colours are blue for "repays" and orange for "does not", which people with any colour vision deficiency tell apart;
they never stand alone, a word or a sign goes with them. Text on its ground has a contrast of 4.5 or more, what must be
seen besides of 3 or more (WCAG 1.4.3, 1.4.11), in both themes.
"""

from frontend.clients.types import Band

FONT_NAME = "Clairscore"
FONT = f"{FONT_NAME}, 'Segoe UI', system-ui, sans-serif"

LIGHT = {
    "ground": "#f4f6f9",
    "surface": "#ffffff",
    "ink": "#16202e",
    "ink-soft": "#46566a",
    "line": "#dfe5ec",
    "control-line": "#6b7a8d",
    "brand": "#0b3d66",
    "on-brand": "#ffffff",
    "link": "#0b4f8a",
    "focus": "#1a73e8",
    "hover": "#e8f0f9",
    "favourable": "#0b3d66",
    "favourable-ground": "#e3f0fb",
    "unfavourable": "#7a2e05",
    "unfavourable-ground": "#fdeadd",
    "note": "#3a3f47",
    "note-ground": "#eceff3",
}
DARK = {
    "ground": "#10161f",
    "surface": "#1a2330",
    "ink": "#e8edf4",
    "ink-soft": "#b3c0d0",
    "line": "#2f3b4b",
    "control-line": "#8695a8",
    "brand": "#12466f",
    "on-brand": "#ffffff",
    "link": "#8cc4f5",
    "focus": "#7db7ff",
    "hover": "#243244",
    "favourable": "#9ccdf5",
    "favourable-ground": "#12324e",
    "unfavourable": "#ffb689",
    "unfavourable-ground": "#47230c",
    "note": "#c9d2dd",
    "note-ground": "#263140",
}
GAP = "1rem"
_SIZES = {
    "gap": GAP,
    "radius": "0.75rem",
    "font": FONT,
}

# A diverging scale, dark at both ends, so that the order of the bands shows without hue as well.
BANDS = {
    Band.VERY_HIGH: "#8c2d04",
    Band.HIGH: "#cc4c02",
    Band.SLIGHTLY_HIGH: "#f08c3a",
    Band.MEDIUM: "#fdd49e",
    Band.SLIGHTLY_LOW: "#b3d3ec",
    Band.LOW: "#4a94cc",
    Band.VERY_LOW: "#08519c",
}

# Less or more than a middle that says nothing, from blue to orange.
DIVERGING = ("#08519c", "#4a94cc", "#a9cdea", "#dde1e6", "#fbbd84", "#e2752d", "#9c3a06")

# Kinds without an order, after Okabe and Ito's colours for the colour blind, darkened until both surfaces show them.
CATEGORIES = ("#2b7fc3", "#d0662a", "#1f9370", "#b3519e", "#9a7a0a", "#7a6fe0", "#7b8797")

# How many, from few to many: seen on both surfaces.
COUNTS = ("#d3e5f4", "#b3d3ec", "#8fbfe3", "#69a9d8", "#4a94cc", "#3380bd", "#216ba8")

# Marks of a chart are painted once for both themes: each is seen on the light surface and on the dark one.
MARKS = {
    "favourable": "#3b82c4",
    "unfavourable": "#d0662a",
    "neutral": "#7b8797",
    "client": "#b3519e",
}
# Text of a chart follows the theme: Bokeh reads these properties when it paints.
_CHART_TEXT = {
    "major-label-text-color": "ink-soft",
    "axis-label-text-color": "ink-soft",
    "group-text-color": "ink-soft",
    "label-text-color": "ink",
    "title-text-color": "ink",
    "text-color": "ink",
    "grid-line-color": "line",
    "axis-line-color": "control-line",
    "major-tick-line-color": "control-line",
    "background-fill-color": "surface",
    "border-fill-color": "surface",
}

_CHART_SIZES = (
    "--bk-label-text-font-size:13px;--bk-major-label-text-font-size:12px;--bk-axis-label-text-font-size:13px;"
    "--bk-label-text-line-height:1.1;--bk-major-label-text-line-height:1.1;"
)
# Panel's own names for what its pieces take from us; more specific than the rule with which Material sets them.
_PANEL = "html:root{--panel-on-background-color:var(--cs-ink);--panel-on-surface-color:var(--cs-ink);}"

PAGE_WIDTH = 1240


def style_sheet() -> str:
    """The custom properties (``--cs-ink: …``) of both themes.

    They reach into the shadow roots of all components. The system's theme holds unless ``data-theme`` says another;
    paper is light.
    """
    common = (
        _properties(_SIZES)
        + _CHART_SIZES
        + "".join(f"--bk-{name}:var(--cs-{own});" for name, own in _CHART_TEXT.items())
    )
    light = f":root{{color-scheme:light;{common}{_properties(LIGHT)}}}{_PANEL}"
    dark = f"color-scheme:dark;{_properties(DARK)}"
    system = f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}'
    return f'{light}{system}@media screen{{:root[data-theme="dark"]{{{dark}}}}}'


def material() -> dict[str, object]:
    """The same look for Material UI components; colours are custom properties where Material lets them be."""
    gutters = {"paddingLeft": GAP, "paddingRight": GAP}
    return {
        "palette": {
            # Material computes with these, so they cannot be custom properties.
            "primary": {"main": LIGHT["brand"], "contrastText": LIGHT["on-brand"]},
            "background": {"default": LIGHT["ground"], "paper": LIGHT["surface"]},
            "text": {"primary": LIGHT["ink"], "secondary": LIGHT["ink-soft"]},
        },
        "typography": {"fontFamily": FONT},
        "components": {
            # The page's spacers are empty headings of level 5; they must not be headings.
            "MuiTypography": {"defaultProps": {"variantMapping": {"h5": "div"}}},
            "MuiToolbar": {"styleOverrides": {"gutters": {**gutters, "@media (min-width: 600px)": gutters}}},
            "MuiAppBar": {
                "defaultProps": {"elevation": 0},
                "styleOverrides": {"root": {"backgroundColor": "var(--cs-brand)"}},
            },
        },
    }


def _properties(values: dict[str, str]) -> str:
    return "".join(f"--cs-{name}:{value};" for name, value in values.items())
