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


def read_region(changed: Mapping[str, str], axes: tuple[PlaneAxis, PlaneAxis], shown: Box) -> Box | None:
    """The part of the map that the form says, given what was changed in it since it showed ``shown``.

    An end that was not changed stays exactly what it was: the form shows it rounded. None when an end is no number or
    lies before the beginning.
    """
    spans = []
    for name, axis, before in zip("xy", axes, shown, strict=True):
        half, divisor = axis.side.step / 2, 100 if is_percent(axis.scale) and not axis.side.categories else 1
        ends: list[float] = []
        for end, own, sign in (("from", before.lower, -1), ("to", before.upper, 1)):
            text = changed.get(f"{name}-{end}")
            number = None if text is None else read_number(text)
            if text is not None and number is None:
                return None
            ends.append(own if number is None else number / divisor + sign * half)
        if ends[0] >= ends[1]:
            return None
        spans.append(Span(ends[0], ends[1]))
    return spans[0], spans[1]
