"""The study's own figures, from its own data and the official weights."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.products import table
from pipeline.products.study import accuracy
from pipeline.products.study.contenders import estimator, open_contender

FILE = Path("flipkart", "flipkart_com-ecommerce_sample_1050.csv")


@pytest.mark.slow
def test_minilm_figures_of_the_study_are_reproduced(shared_data: Path) -> None:
    """Slow: embeds 1,050 real descriptions; the one place where the protocol meets the figures that were published."""
    products = table.read(shared_data / FILE)
    labels = np.array([product.category for product in products.rows])
    vectors = open_contender("all-MiniLM-L6-v2").encode([product.description for product in products.rows])

    found = accuracy.protocol(vectors, labels, lambda: estimator("transformer"), vectors)

    assert found.test_rows == 210
    assert found.accuracy == pytest.approx(0.9476, abs=5e-5)
    assert [row.support for row in found.report] == [27, 21, 38, 30, 35, 26, 33]
    assert found.ari == pytest.approx(0.71, abs=0.02)
