"""A feature as an axis of a map: its label with unit, its ticks, its intervals in words."""

import math
import textwrap
from dataclasses import dataclass

from bokeh.models import FixedTicker, LinearAxis

from frontend.analysis.axis import Span
from frontend.analysis.plane import Side
from frontend.charts.plot import number_axis
from frontend.charts.scale import Scale, scale_of
from frontend.clients.types import Feature, Value
from frontend.components.feature_search import label_of
from frontend.components.values import value_text
from frontend.language import Language

_CATEGORY = 22
_LABEL = 48
_MOST_TICKS = 24


def scale_of_feature(feature: Feature, language: Language) -> Scale:
    """The scale of a feature, the same for every part of its values."""
    return scale_of(feature, feature.minimum or 0.0, feature.maximum or 0.0, language)


@dataclass(frozen=True, slots=True)
class PlaneAxis:
    """``scale`` is that of the feature, ``side`` what the analysis made of its values."""

    feature: Feature
    side: Side
    scale: Scale
    language: Language

    @classmethod
    def of(cls, feature: Feature, side: Side, language: Language) -> "PlaneAxis":
        """The axis of a feature."""
        return cls(feature, side, scale_of_feature(feature, language), language)

    @property
    def label(self) -> str:
        """The feature's label with its unit."""
        label = label_of(self.feature, self.language)
        return f"{label} ({self.scale.unit})" if self.scale.unit and not self.side.categories else label

    def place(self, value: Value) -> float | None:
        """Where a value of the feature lies; None when it is missing or unknown."""
        if isinstance(value, str):
            return float(self.side.categories.index(value)) if value in self.side.categories else None
        return None if value is None or math.isnan(value) else self.scale.position(value)

    def interval_text(self, span: Span) -> str:
        """A span of the axis in words, its unit included where the axis has none."""
        if self.side.categories:
            first, last = math.ceil(span.lower), math.floor(span.upper)
            names = [self._category(k) for k in range(max(first, 0), min(last, len(self.side.categories) - 1) + 1)]
            return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}" if names else "–"
        half = self.side.step / 2
        lower, upper = span.lower + half, span.upper - half
        ends = sorted((lower / self.scale.factor, upper / self.scale.factor))
        return self.scale.interval_text(*ends)

    def dress(self, axis: LinearAxis, *, across: bool) -> None:
        """Gives a Bokeh axis its label and ticks."""
        axis.axis_label = "\n".join(textwrap.wrap(self.label, _LABEL))
        count = len(self.side.categories)
        if not count:
            number_axis(axis, self.scale.ticks, self.language)
            return
        every = -(-count // _MOST_TICKS)
        ticks = list(range(0, count, every))
        axis.ticker = FixedTicker(ticks=ticks)
        axis.major_label_overrides = {k: textwrap.shorten(self._category(k), _CATEGORY, placeholder="…") for k in ticks}
        if across and count > 3:
            axis.major_label_orientation = math.pi / 4

    def _category(self, position: int) -> str:
        return value_text(self.side.categories[position], self.feature, self.language)
