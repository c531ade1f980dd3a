"""A card that shows one chart to everybody: title, sentence, drawing, table twin, and files to take away."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import panel as pn
import param
from bokeh.models import Column
from panel.viewable import Child

from frontend.charts.chart import Chart
from frontend.components.base import Component, styles
from frontend.language import Language
from frontend.remote import Failed, Pending, Ready, Remote
from services.common.errors import ClairscoreError, FailedPrecondition, NotFound

_T = TypeVar("_T")


class ChartCard(Component):
    """Shows a chart, or says why there is none (yet). The drawing is one picture to a screen reader."""

    figure = Child(doc="Place of the Bokeh figure")
    chart = param.Dict({}, doc="Title, summary, name, figure (model's id); empty: none")
    twin = param.Dict({}, doc="Header, rows, csv (Base64) of a figure (model's id), once somebody wants them")
    message = param.String(doc="Shown instead of the chart")
    busy = param.Boolean(False, doc="The chart is on its way")
    title = param.String(doc="Heading as long as there is no chart")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("chart_card.js")
    _stylesheets = styles("chart_card")

    def __init__(self, language: Language, title: str, **params: Any) -> None:
        # The card's own child never changes: otherwise Panel would make the whole card anew for a new drawing, its
        # table would close, and its buttons lose the focus.
        place = Column(sizing_mode="stretch_width")
        super().__init__(
            title=title,
            figure=pn.pane.Bokeh(place, margin=0),  # type: ignore[no-untyped-call]
            texts={
                "table": language.gettext("Show as a table"),
                "region": language.gettext("{title}, as a table"),
                "download": language.gettext("Download:"),
            },
            **params,
        )
        self._language = language
        self._place = place
        self._drawn: tuple[object, ...] = ()
        self._displayed: Chart | None = None
        # Table and file hold every feature, ten times as much as the drawing: they go to who opens or saves them.
        self._twin_wanted = False
        self.on("twin", lambda _text: self._want_twin())

    def display(self, chart: Chart) -> None:
        """Shows a chart."""
        self._displayed = chart
        self._place.children = [chart.figure]
        self.param.update(
            chart={"name": chart.name, "title": chart.title, "summary": chart.summary, "figure": chart.figure.id},
            twin=_twin(chart) if self._twin_wanted else {},
            message="",
            busy=False,
        )

    def _want_twin(self) -> None:
        self._twin_wanted = True
        if self._displayed is not None:
            self.twin = _twin(self._displayed)

    def follow(self, remote: Remote[_T], draw: Callable[[_T], Chart], *inputs: object) -> None:
        """Shows what a service answers, or why it doesn't.

        ``inputs`` are what the drawing depends on besides; it is made again only when one of these changes.
        """
        match remote:
            case Ready(value=value):
                drawn = (remote, *inputs)
                if len(drawn) != len(self._drawn) or any(a is not b for a, b in zip(drawn, self._drawn, strict=True)):
                    self.display(draw(value))
                    self._drawn = drawn
                return
            case Failed(error=error):
                message, busy = failure_text(error, self._language)
                self.param.update(message=message, busy=busy)
            case _:
                busy = isinstance(remote, Pending)
                self.param.update(message=self._language.gettext("Being computed…") if busy else "", busy=busy)
        self._drawn = ()


def _twin(chart: Chart) -> dict[str, object]:
    return {
        "figure": chart.figure.id,
        "header": list(chart.table.header),
        "rows": [list(row) for row in chart.table.rows],
        "csv": base64.b64encode(chart.csv).decode(),
    }


def failure_text(error: ClairscoreError, language: Language) -> tuple[str, bool]:
    """Why there is no answer, and whether it is only on its way."""
    _ = language.gettext
    if "progress" in error.details:
        share = language.format.percent(float(error.details["progress"]), 0)
        return _("The explanations of the portfolio are being computed: {share}.").format(share=share), True
    match error:
        case FailedPrecondition() if error.details.get("cohort_clients") == "0":
            return _("There is no client in this group."), False
        case FailedPrecondition():
            return _("Nothing has been published with the present model yet."), False
        case NotFound():
            return _("The model does not use this feature."), False
    return _("No answer at the moment. It is tried again continuously."), False
