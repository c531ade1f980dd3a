"""The form for a part of the map: what the pointer draws as a box, the keyboard writes here."""

from collections.abc import Mapping

from frontend.analyses import Box
from frontend.analysis.axis import Span
from frontend.charts.plane_axis import PlaneAxis
from frontend.components.cohort_form import is_percent, number_text
from frontend.components.feature_search import label_of
from frontend.components.fieldset import Field, read_number
from frontend.language import Language


def region_fields(axes: tuple[PlaneAxis, PlaneAxis], box: Box, language: Language) -> list[Field]:
    """From and to of both axes; of categories the first and the last one."""
    _ = language.gettext
    fields = []
    for name, axis, span in zip("xy", axes, box, strict=True):
        label = label_of(axis.feature, language)
        texts = {"from": _("{feature}, from").format(feature=label), "to": _("{feature}, to").format(feature=label)}
        places = {"from": span.lower + axis.side.step / 2, "to": span.upper - axis.side.step / 2}
        categories = {str(k): axis.interval_text(Span(k, k)) for k in range(len(axis.side.categories))}
        for end, text in texts.items():
            value = str(round(places[end])) if categories else number_text(places[end], axis.scale, language)
            fields.append(Field(f"{name}-{end}", text, value, categories, unit="%" if is_percent(axis.scale) else ""))
    return fields


def read_region(values: Mapping[str, str], axes: tuple[PlaneAxis, PlaneAxis]) -> Box | None:
    """The part of the map that the form's values say; None when an end is no number or lies before the beginning."""
    spans = []
    for name, axis in zip("xy", axes, strict=True):
        ends = [read_number(values.get(f"{name}-{end}", "")) for end in ("from", "to")]
        if ends[0] is None or ends[1] is None:
            return None
        half, divisor = axis.side.step / 2, 100 if is_percent(axis.scale) and not axis.side.categories else 1
        span = Span(ends[0] / divisor - half, ends[1] / divisor + half)
        if span.lower >= span.upper:
            return None
        spans.append(span)
    return spans[0], spans[1]
