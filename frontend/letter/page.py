"""Sets a letter as one HTML page for A4 paper, with everything that it needs inside."""

import base64
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from frontend import theme
from frontend.letter.letter import Letter

_HERE = Path(__file__).parent
_LOGO = _HERE.parent / "assets" / "favicon.svg"


def render(letter: Letter) -> str:
    """The page."""
    return _template().render(
        letter=letter,
        logo=_data_address(_LOGO.read_text(encoding="utf-8")),
        gauge=_data_address(letter.gauge),
        style=Markup(_style()),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("letter.html.j2")


@cache
def _style() -> str:
    """The style sheet, in the colours of the light theme."""
    colours = "".join(f"--cs-{name}:{value};" for name, value in theme.LIGHT.items())
    return f":root{{{colours}}}{(_HERE / 'letter.css').read_text(encoding='utf-8')}"


def _data_address(svg: str) -> str:
    """An address that holds the picture itself: the page is printed without a file or a request."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
