"""Colours can be read."""

import pytest

from frontend import theme

PAIRS = [
    ("ink", "surface"),
    ("ink", "ground"),
    ("ink-soft", "surface"),
    ("ink-soft", "ground"),
    ("link", "surface"),
    ("on-brand", "brand"),
    ("favourable", "surface"),
    ("unfavourable", "surface"),
    ("unfavourable", "unfavourable-ground"),
    ("note", "note-ground"),
]


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours() -> dict[str, str]:
    properties = (item.split(":", 1) for item in theme.custom_properties().split(";"))
    return {name.removeprefix("--cs-"): value for name, value in properties}


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(colours()[text], colours()[ground]) >= 4.5


def test_controls_and_focus_stand_out_from_the_ground() -> None:
    for name in ("control-line", "focus"):
        assert contrast(colours()[name], colours()["surface"]) >= 3


def test_the_bands_get_lighter_towards_the_middle() -> None:
    luminances = [luminance(colour) for colour in theme.BANDS.values()]

    assert luminances[:4] == sorted(luminances[:4])
    assert luminances[4:] == sorted(luminances[4:], reverse=True)
