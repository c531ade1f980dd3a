"""How the dashboard looks: the one place for colours, sizes and type.

Colours are blue for "repays" and orange for "does not", which people with any colour vision deficiency tell apart;
they never stand alone, a word or a sign goes with them. Text on its ground has a contrast of 4.5 or more (WCAG 1.4.3).
"""

from frontend.clients.types import Band

FONT = "Roboto, 'Segoe UI', system-ui, sans-serif"

# Custom properties reach into the shadow roots of all components: a dark theme will give them other values.
_LIGHT = {
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

PAGE_WIDTH = 1240


def custom_properties() -> str:
    """The CSS custom properties of the page: ``--cs-ink: …``."""
    return ";".join(f"--cs-{name}:{value}" for name, value in (_LIGHT | _SIZES).items())


def material() -> dict[str, object]:
    """The same look for Material UI components."""
    gutters = {"paddingLeft": GAP, "paddingRight": GAP}
    focus = {"outline": f"3px solid {_LIGHT['focus']}", "outlineOffset": "2px"}
    return {
        "palette": {
            "primary": {"main": _LIGHT["brand"], "contrastText": _LIGHT["on-brand"]},
            "background": {"default": _LIGHT["ground"], "paper": _LIGHT["surface"]},
            "text": {"primary": _LIGHT["ink"], "secondary": _LIGHT["ink-soft"]},
        },
        "typography": {"fontFamily": FONT},
        "components": {
            # The page's spacers are empty headings of level 5; they must not be headings.
            "MuiTypography": {"defaultProps": {"variantMapping": {"h5": "div"}}},
            "MuiToolbar": {"styleOverrides": {"gutters": {**gutters, "@media (min-width: 600px)": gutters}}},
            "MuiAppBar": {"defaultProps": {"elevation": 0}},
            "MuiButtonBase": {
                "defaultProps": {"disableRipple": True},
                "styleOverrides": {"root": {"&.Mui-focusVisible": focus}},
            },
        },
    }
