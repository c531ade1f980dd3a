"""Accuracy of the study's models against their speed."""

import numpy as np
from bokeh.models import ColumnDataSource, Label

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.estimates import interval_text
from frontend.charts.plot import COUNT, PERCENT, hover, number_axis, plot
from frontend.language import Language
from pipeline.products.study.document import Study
from pipeline.spreadsheet import csv_bytes

NAME = "accuracy-speed"


def speed_chart(study: Study, language: Language) -> Chart:
    """Cross-validated accuracy with its interval, beside documents per second of one core, logarithmic."""
    _ = language.gettext
    fmt, models = language.format, study.models
    title = _("Accuracy against speed")
    fastest = max(models, key=lambda model: model.speed.documents_per_second)
    best = max(models, key=lambda model: model.validation.accuracy.value)
    summary = _(
        "{best} is the most accurate with {accuracy}, {fastest} the fastest with {speed} documents a second."
    ).format(
        best=best.name,
        accuracy=fmt.percent(best.validation.accuracy.value),
        fastest=fastest.name,
        speed=fmt.integer(fastest.speed.documents_per_second),
    )
    speeds = [model.speed.documents_per_second for model in models]
    lows = [model.validation.accuracy.low for model in models]
    made = plot(
        name=NAME,
        title=title,
        summary=summary,
        x_range=(min(speeds) / 3, max(speeds) * 8),
        y_range=(min(lows) - 0.01, max(model.validation.accuracy.high for model in models) + 0.01),
        x_axis_type="log",
    )
    source = ColumnDataSource(
        {
            "x": speeds,
            "y": [model.validation.accuracy.value for model in models],
            "low": lows,
            "high": [model.validation.accuracy.high for model in models],
            "name": [model.name for model in models],
            "accuracy": [interval_text(model.validation.accuracy, language) for model in models],
            "speed": [fmt.integer(speed) for speed in speeds],
        }
    )
    made.segment("x", "low", "x", "high", color=theme.MARKS["neutral"], line_width=2, source=source)
    points = made.scatter("x", "y", size=11, color=theme.MARKS["favourable"], source=source)
    for rank, place in enumerate(np.argsort(speeds)):
        # Names of neighbours stand above and below. A label, as its colour follows the theme.
        made.add_layout(
            Label(
                x=speeds[place],
                y=models[place].validation.accuracy.value,
                text=models[place].name,
                x_offset=6,
                y_offset=8 if rank % 2 else -22,
                text_font=theme.FONT,
            )
        )
    hover(made, [points], ("", "@name"), (_("Accuracy"), "@accuracy"), (_("Documents/s"), "@speed"))
    number_axis(made.xaxis[0], COUNT, language, _("Documents per second, one core"))
    number_axis(made.yaxis[0], PERCENT, language, _("Cross-validated accuracy"))
    table = Table(
        (_("Model"), _("Accuracy"), _("Documents/s"), _("Latency p50"), _("Latency p99"), _("Memory"), _("Model size"),
         _("Cost per million")),
        [
            (
                model.name,
                interval_text(model.validation.accuracy, language),
                fmt.integer(model.speed.documents_per_second),
                _("{number} ms").format(number=fmt.decimal(model.speed.p50_milliseconds)),
                _("{number} ms").format(number=fmt.decimal(model.speed.p99_milliseconds)),
                _("{number} MB").format(number=fmt.integer(model.speed.memory_mebibytes)),
                _("{number} MB").format(number=fmt.decimal(model.speed.size_mebibytes)),
                fmt.decimal(model.speed.cost_per_million),
            )
            for model in models
        ],
    )  # fmt: skip
    rows = [(m.name, m.validation.accuracy.value, *m.speed.model_dump().values()) for m in models]
    header = ("model", "accuracy", *type(models[0].speed).model_fields)
    return Chart(NAME, title, summary, made, table, csv_bytes(header, rows))
