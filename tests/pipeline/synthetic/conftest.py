"""A synthetic portfolio that the tests of this folder read."""

from pathlib import Path

import pytest

from pipeline.synthetic.generate import Summary, generate

CLIENTS = 10_000
SEED = 7


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synthetic") / "portfolio"
    summary: Summary = generate(out, CLIENTS, SEED)
    assert summary.rows["application_train.csv"] == CLIENTS * 4 // 5
    return out
