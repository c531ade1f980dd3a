"""Colours can be read."""

import re
from pathlib import Path

import pytest

from frontend import theme

PAIRS = [
    ("ink", "surface"),
    ("ink", "ground"),
    ("ink-soft", "surface"),
    ("ink-soft", "ground"),
    ("link", "surface"),
    ("on-brand", "brand"),
    ("link", "ground"),
    ("ink", "hover"),
    ("ink-soft", "hover"),
    ("favourable", "surface"),
    ("favourable", "favourable-ground"),
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


THEMES = pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])


@THEMES
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(colours: dict[str, str], text: str, ground: str) -> None:
    assert contrast(colours[text], colours[ground]) >= 4.5


@THEMES
def test_controls_and_focus_stand_out_from_the_ground(colours: dict[str, str]) -> None:
    for name in ("control-line", "focus"):
        assert contrast(colours[name], colours["surface"]) >= 3
        assert contrast(colours[name], colours["ground"]) >= 3


@THEMES
@pytest.mark.parametrize("mark", theme.MARKS)
def test_the_marks_of_charts_are_seen_in_both_themes(colours: dict[str, str], mark: str) -> None:
    assert contrast(theme.MARKS[mark], colours["surface"]) >= 3


def test_both_themes_have_the_same_colours() -> None:
    assert set(theme.LIGHT) == set(theme.DARK)


def test_every_colour_that_a_style_uses_is_in_the_themes() -> None:
    known = set(re.findall(r"--cs-([a-z-]+):", theme.style_sheet()))
    folder = Path(theme.__file__).parent
    used = {
        name
        for file in [*folder.glob("*/*.css"), *folder.glob("*/*.js"), folder / "theme.py"]
        for name in re.findall(r"var\(--cs-([a-z-]+)\)", file.read_text(encoding="utf-8"))
    }
    assert used <= known
    assert used


def test_the_bands_get_lighter_towards_the_middle() -> None:
    luminances = [luminance(colour) for colour in theme.BANDS.values()]

    assert luminances[:4] == sorted(luminances[:4])
    assert luminances[4:] == sorted(luminances[4:], reverse=True)
