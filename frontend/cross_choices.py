"""What an officer chose on the cross analysis, as the page's link holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from frontend.analyses import Box
from frontend.analysis.axis import Span
from frontend.charts.plane import Colour
from frontend.clients.explanations import Cohort, FeatureFilter
from frontend.clients.types import Band, Decision
from frontend.components.fieldset import read_number

FILTERS = 2
_E = TypeVar("_E", bound=StrEnum)
_Z = 4


@dataclass(frozen=True, slots=True)
class CrossChoices:
    """Two features, what the colour says, which clients, and the part of the plane (None: the usual one)."""

    x: str = "DAYS_BIRTH"
    y: str = "EXT_SOURCE_2"
    colour: Colour = Colour.DEFAULT_RATE
    cohort: Cohort = field(default_factory=Cohort)
    zoom: Box | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "CrossChoices":
        """Reads the parameters of a link; what cannot be read is as if it were not there."""
        usual = cls()
        filters = (read_filter(parameters.get(f"filter{k + 1}", "")) for k in range(FILTERS))
        return cls(
            parameters.get("x") or usual.x,
            parameters.get("y") or usual.y,
            _among(Colour, parameters.get("color", "")) or usual.colour,
            Cohort(
                _among(Decision, parameters.get("decision", "")),
                _among(Band, parameters.get("band", "")),
                tuple(one for one in filters if one),
            ),
            read_box(parameters.get("zoom", "")),
        )

    def parameters(self) -> dict[str, str]:
        """The parameters of the link; those that hold the usual are empty."""
        usual = CrossChoices()
        filters = [write_filter(one) for one in self.cohort.filters] + [""] * FILTERS
        return {
            "x": "" if self.x == usual.x else self.x,
            "y": "" if self.y == usual.y else self.y,
            "color": "" if self.colour is usual.colour else self.colour.value,
            "decision": self.cohort.decision.value if self.cohort.decision else "",
            "band": self.cohort.band.value if self.cohort.band else "",
            **{f"filter{k + 1}": filters[k] for k in range(FILTERS)},
            "zoom": write_box(self.zoom) if self.zoom else "",
        }


def write_filter(condition: FeatureFilter) -> str:
    """``DAYS_BIRTH:-12000:-9000``, ``AMT_CREDIT::500000`` or ``NAME_CONTRACT_TYPE=Cash loans``."""
    if condition.categories:
        return f"{condition.feature}={condition.categories[0]}"
    ends = ("" if end is None else f"{end:.9g}" for end in (condition.minimum, condition.maximum))
    return ":".join((condition.feature, *ends))


def read_filter(text: str) -> FeatureFilter | None:
    """The condition of such a text; None when it is none."""
    name, equals, category = text.partition("=")
    if equals:
        return FeatureFilter(name, categories=(category,)) if name and category else None
    parts = text.split(":")
    if len(parts) != 3 or not parts[0]:
        return None
    return FeatureFilter(parts[0], read_number(parts[1]), read_number(parts[2]))


def write_box(box: Box) -> str:
    """The ends of x, then those of y, in the units of the axes: ``20:40:0.1:0.9``."""
    return ":".join(f"{end:.6g}" for span in box for end in (span.lower, span.upper))


def read_box(text: str) -> Box | None:
    """The part of the plane of such a text; None when it is none."""
    ends = [number for part in text.split(":") if (number := read_number(part)) is not None]
    if len(ends) != _Z or ends[0] >= ends[1] or ends[2] >= ends[3]:
        return None
    return Span(ends[0], ends[1]), Span(ends[2], ends[3])


def _among(kind: type[_E], text: str) -> _E | None:
    try:
        return kind(text)
    except ValueError:
        return None
