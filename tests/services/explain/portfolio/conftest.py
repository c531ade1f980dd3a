"""A portfolio of 400 clients that a small model explained."""

import pytest
from support.explanations import explain_portfolio


@pytest.fixture(scope="session")
def portfolio(explainer, model_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("it's explained") / "folder"
    return explain_portfolio(explainer, model_folder.parent / "features.parquet", folder)


@pytest.fixture(scope="session")
def contributions(explainer, matrix):
    """What the portfolio was explained by, shape (400, features), as it is kept."""
    return explainer.contributions(matrix).astype("float32")
