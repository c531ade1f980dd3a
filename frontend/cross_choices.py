"""What an officer chose on the cross analysis besides the clients, as the page's link holds it."""

from collections.abc import Mapping
from dataclasses import dataclass

from frontend.analyses import Box
from frontend.analysis.axis import Span
from frontend.charts.plane import Colour
from frontend.cohorts import among, write_number
from frontend.components.fieldset import read_number

_ENDS = 4


@dataclass(frozen=True, slots=True)
class CrossChoices:
    """Two features, what the colour says, and the part of the plane (None: the usual one)."""

    x: str = "DAYS_BIRTH"
    y: str = "EXT_SOURCE_2"
    colour: Colour = Colour.DEFAULT_RATE
    zoom: Box | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "CrossChoices":
        """Reads the parameters of a link; what cannot be read is as if it were not there."""
        usual = cls()
        return cls(
            parameters.get("x") or usual.x,
            parameters.get("y") or usual.y,
            among(Colour, parameters.get("color", "")) or usual.colour,
            read_box(parameters.get("zoom", "")),
        )

    def parameters(self) -> dict[str, str]:
        """The parameters of the link; those that hold the usual are empty."""
        usual = CrossChoices()
        return {
            "x": "" if self.x == usual.x else self.x,
            "y": "" if self.y == usual.y else self.y,
            "color": "" if self.colour is usual.colour else self.colour.value,
            "zoom": write_box(self.zoom) if self.zoom else "",
        }


def write_box(box: Box) -> str:
    """The ends of x, then those of y, in the units of the axes, exactly: ``20:40:0.1:0.9``."""
    return ":".join(write_number(end) for span in box for end in (span.lower, span.upper))


def read_box(text: str) -> Box | None:
    """The part of the plane of such a text; None when it is none."""
    ends = [number for part in text.split(":") if (number := read_number(part)) is not None]
    if len(ends) != _ENDS or ends[0] >= ends[1] or ends[2] >= ends[3]:
        return None
    return Span(ends[0], ends[1]), Span(ends[2], ends[3])
