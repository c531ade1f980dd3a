"""A portfolio explained without its services: real clients of a features file, a real model, real files."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch import score_table
from services.explain.explainer import Explainer
from services.explain.portfolio import build, parts
from services.explain.portfolio.store import ExplainedPortfolio


def explain_portfolio(explainer: Explainer, features: Path, folder: Path, part_rows: int = 150) -> ExplainedPortfolio:
    """Explains the clients of a features file into a folder, in parts of so many clients, and opens it."""
    folder.mkdir(parents=True)
    clients = published(explainer, features)
    for number, start in enumerate(range(0, clients.num_rows, part_rows)):
        parts.write(folder, number, build.explain(explainer, clients.slice(start, part_rows)))
    dictionary = explainer.model.dictionary
    build.complete(folder, dictionary, build.about(explainer, "of a test", clients.num_rows))
    return ExplainedPortfolio(folder, dictionary)


def published(explainer: Explainer, features: Path) -> pa.Table:
    """The clients of a features file as the portfolio service gives them."""
    clients = pq.read_table(features)
    scores = score_table(explainer.model, clients)
    for name in ("probability_of_repayment", "band", "decision"):
        clients = clients.append_column(name, scores[name])
    return clients.select(build.columns(explainer.model.dictionary))
