"""A small made-up catalogue that all tests of the products share."""

from pathlib import Path

import pytest

from pipeline.products import table
from pipeline.products.catalogue.generate import generate
from pipeline.products.table import Products


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 products of each of seven categories."""
    file = tmp_path_factory.mktemp("catalogue") / "products.csv"
    generate(file, 20, seed=7)
    return file


@pytest.fixture(scope="session")
def products(catalogue: Path) -> Products:
    return table.read(catalogue)
