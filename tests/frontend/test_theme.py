"""Colours can be read."""

import itertools
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
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


# What a person sees who lacks one kind of cone, in linear RGB: Machado, Oliveira, Fernandes (2009), "A physiologically-
# based model for simulation of color vision deficiency", severity 1.
DICHROMACY = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
_TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
_WHITE = [0.95047, 1.0, 1.08883]


def seen(colour: str, kind: str) -> npt.NDArray[np.float64]:
    """CIELAB coordinates of a colour as somebody with that dichromacy sees it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = np.asarray(_TO_XYZ) @ np.clip(np.asarray(DICHROMACY[kind]) @ linear, 0, 1) / _WHITE
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", DICHROMACY)
def test_marks_and_bands_differ_for_the_colour_blind(kind: str) -> None:
    """A difference of 2.3 in CIELAB is just noticed; side by side, 10 is plain."""
    marks = [theme.MARKS[name] for name in ("favourable", "unfavourable", "client")]
    for one, other in [*itertools.combinations(marks, 2), *itertools.pairwise(theme.BANDS.values())]:
        assert np.linalg.norm(seen(one, kind) - seen(other, kind)) > 10, (one, other)
