"""How fast the dashboard analyses a whole portfolio, through a real service: `python -m benchmarks.dashboard`.

The clients of a features file are repeated until there are enough (300,000), published, and served by the portfolio
service. A figure is the time from the wish to the finished drawing, as it goes to the browser; "first" has to read the
columns from the service, the others ask for parts of the map that nobody has asked for before.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bokeh.embed import json_item
from rich.console import Console
from rich.table import Table

from benchmarks.servers import serving
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
from pipeline.features import store
from pipeline.publish import publish

_X, _Y, _AMOUNT = "DAYS_BIRTH", "EXT_SOURCE_2", "AMT_CREDIT"
_DAYS_TO_YEARS = -1 / 365.25
_ROUNDS = 30
_DEADLINE = 60.0
_MODEL = Model("", "", 0.52, tuple(BandRange(band, k / 7, (k + 1) / 7) for k, band in enumerate(Band)))

_console = Console(width=100)
Measured = dict[str, tuple[list[float], float | None]]


def main() -> None:
    """Publishes, serves, measures, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", type=Path, default=Path("var/model"))
    parser.add_argument("--features", type=Path, default=Path("var/features.parquet"))
    parser.add_argument("--clients", type=int, default=300_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        repeat(arguments.features, arguments.clients, folder / "features.parquet")
        env = {"DATABASE_URL": f"sqlite:///{folder / 'portfolio.db'}", "CLAIRSCORE_PORTFOLIO_DIR": str(folder / "p")}
        publish(arguments.model, folder / "features.parquet", env["DATABASE_URL"], folder / "p")
        with serving("portfolio", env) as port:
            measured = asyncio.run(_measure(f"localhost:{port}"))
    table = Table(title=f"{arguments.clients:,} clients")
    for column in ("", "p50 ms", "p95 ms", "at most"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (seconds, limit) in measured.items():
        p50, p95 = (1000 * np.quantile(seconds, [0.5, 0.95])).round()
        table.add_row(name, f"{p50:.0f}", f"{p95:.0f}", "" if limit is None else f"{limit:.0f}")
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    table.caption = f"{_ROUNDS} rounds on {os.cpu_count()} cores, load {load}"
    _console.print(table)


def repeat(features: Path, clients: int, path: Path) -> None:
    """Writes a features file of so many clients: those of another one, again and again, under new identifiers."""
    table = pq.read_table(features)
    rows = table.take(pa.array(np.resize(np.arange(table.num_rows), clients)))
    position = rows.schema.get_field_index(store.ID)
    identifiers = pa.array(np.arange(100_001, 100_001 + clients)).cast(rows.schema.field(position).type)
    pq.write_table(rows.set_column(position, rows.schema.field(position), identifiers), path, compression="zstd")


async def _measure(address: str) -> Measured:
    portfolio = PortfolioClient(address, _DEADLINE)
    analyses = Analyses(ColumnStore(portfolio, ColumnsClient(address, _DEADLINE), 2**28))
    await analyses.warm_up()
    publication = await portfolio.publication()
    features = (await portfolio.dictionary(publication.feature_contract)).features
    spoken = language("fr")
    random = np.random.default_rng(1)

    def crossing(zoomed: bool) -> Crossing:
        start, low = random.uniform(20, 30), random.uniform(0, 0.2)
        zoom = (Span(start, start + 30), Span(low, low + 0.5)) if zoomed else None
        return Crossing(AxisChoice(_X, _DAYS_TO_YEARS), AxisChoice(_Y), Cohort(), zoom)

    async def cross(*, zoomed: bool = True) -> Chart:
        plane = await analyses.plane(crossing(zoomed))
        x, y = (PlaneAxis.of(features[name], side, spoken) for name, side in ((_X, plane.x), (_Y, plane.y)))
        return plane_chart(plane, x, y, Colour.DEFAULT_RATE, Drawn(), spoken)

    async def distribution(feature: Feature) -> Chart:
        return distribution_chart(await portfolio.distribution(feature.name), feature, None, spoken)

    async def overview() -> list[Chart]:
        found = await analyses.overview()
        return [
            score_distribution_chart(found.bins, found.everyone, _MODEL, spoken),
            bands_chart(found.bands, _MODEL, spoken),
        ]

    async def decide() -> object:
        return await analyses.decisions(float(random.uniform(0.2, 0.8)), 0.52, 10)

    return {
        "cross plot, first": (await _timed(lambda: cross(zoomed=False), 1), None),
        "cross plot, another part": (await _timed(cross), 400),
        "distribution": (await _timed(lambda: distribution(features[_AMOUNT])), 150),
        "correlation with the score, first": (await _timed(lambda: analyses.correlation(_Y, Cohort()), 1), None),
        "scores and bands, first": (await _timed(overview, 1), None),
        "another threshold": (await _timed(decide), None),
    }


async def _timed(ask: Callable[[], Awaitable[object]], rounds: int = _ROUNDS) -> list[float]:
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


if __name__ == "__main__":
    main()
