"""How fast a whole portfolio is analysed, through a real service.

A figure is the time from the wish to the finished drawing, as it goes to the browser; "first" has to read the columns
from the service, the others ask for parts of the map that nobody has asked for before.
"""

import json
import time
from collections.abc import Awaitable, Callable

import numpy as np
from bokeh.embed import json_item
from rich.progress import Progress

from benchmarks.officers.report import Figure, milliseconds
from frontend.analyses import Analyses, AxisChoice, Crossing
from frontend.analysis.axis import Span
from frontend.charts.chart import Chart
from frontend.charts.distribution import distribution_chart
from frontend.charts.plane import Colour, Drawn, plane_chart
from frontend.charts.plane_axis import PlaneAxis
from frontend.charts.portfolio import bands_chart, score_distribution_chart
from frontend.clients.columns import ColumnsClient, ColumnStore
from frontend.clients.explanations import Cohort
from frontend.clients.portfolio import PortfolioClient
from frontend.clients.types import Band, BandRange, Feature, Model
from frontend.language import language

_X, _Y, _AMOUNT = "DAYS_BIRTH", "EXT_SOURCE_2", "AMT_CREDIT"
_DAYS_TO_YEARS = -1 / 365.25
_DEADLINE = 60.0
_MODEL = Model("", "", 0.52, tuple(BandRange(band, k / 7, (k + 1) / 7) for k, band in enumerate(Band)))


async def analyses(address: str, rounds: int, bars: Progress) -> list[Figure]:
    """What the portfolio service at this address, and the dashboard's own computing, take."""
    portfolio = PortfolioClient(address, _DEADLINE)
    computing = Analyses(ColumnStore(portfolio, ColumnsClient(address, _DEADLINE), 2**28))
    await computing.warm_up()
    publication = await portfolio.publication()
    features = (await portfolio.dictionary(publication.feature_contract)).features
    spoken = language("fr")
    random = np.random.default_rng(1)

    def crossing(zoomed: bool) -> Crossing:
        start, low = random.uniform(20, 30), random.uniform(0, 0.2)
        zoom = (Span(start, start + 30), Span(low, low + 0.5)) if zoomed else None
        return Crossing(AxisChoice(_X, _DAYS_TO_YEARS), AxisChoice(_Y), Cohort(), zoom)

    async def cross(*, zoomed: bool = True) -> Chart:
        plane = await computing.plane(crossing(zoomed))
        x, y = (PlaneAxis.of(features[name], side, spoken) for name, side in ((_X, plane.x), (_Y, plane.y)))
        return plane_chart(plane, x, y, Colour.DEFAULT_RATE, Drawn(), spoken)

    async def distribution(feature: Feature) -> Chart:
        return distribution_chart(await computing.distribution(feature.name, Cohort()), feature, None, spoken)

    async def overview() -> list[Chart]:
        found = await computing.overview(Cohort())
        return [
            score_distribution_chart(found.bins, found.everyone, _MODEL, spoken),
            bands_chart(found.bands, _MODEL, spoken),
        ]

    async def decide() -> object:
        return await computing.decisions(float(random.uniform(0.2, 0.8)), 0.52, 10, Cohort())

    measured: list[tuple[str, Callable[[], Awaitable[object]], int, float | None]] = [
        ("cross plot, first", lambda: cross(zoomed=False), 1, None),
        ("cross plot, another part", cross, rounds, 400),
        ("distribution", lambda: distribution(features[_AMOUNT]), rounds, 150),
        ("correlation with the score, first", lambda: computing.correlation(_Y, Cohort()), 1, None),
        ("scores and bands, first", overview, 1, None),
        ("another threshold", decide, rounds, None),
    ]
    name = f"{publication.clients:,} clients"
    task = bars.add_task(name, total=len(measured))
    figures = []
    for what, ask, times, at_most in measured:
        figures.append(milliseconds(f"{name}: {what}", await _timed(ask, times), at_most))
        bars.update(task, advance=1)
    return figures


async def _timed(ask: Callable[[], Awaitable[object]], rounds: int) -> list[float]:
    """Seconds of each round, the drawing put into the form in which it travels."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = await ask()
        for chart in answer if isinstance(answer, list) else [answer]:
            if isinstance(chart, Chart):
                json.dumps(json_item(chart.figure), default=str)
        seconds.append(time.perf_counter() - started)
    return seconds
