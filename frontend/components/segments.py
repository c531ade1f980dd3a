"""A choice of one of a few that are all seen at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component, styles


class Segments(Component):
    """Radio buttons side by side; tells "choose" with the key of what is chosen."""

    label = param.String()
    options = param.List([], doc="Key and name of each")
    value = param.String(doc="Key of what is chosen")

    _esm = Path(__file__).with_name("segments.js")
    _stylesheets = styles("segments")

    def __init__(self, label: str, options: Mapping[str, str], **params: Any) -> None:
        super().__init__(label=label, options=[list(one) for one in options.items()], **params)
