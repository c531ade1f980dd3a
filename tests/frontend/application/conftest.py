"""The real feature dictionary, as the dashboard reads it."""

from datetime import UTC, datetime

import pytest

from frontend.clients.convert import to_dictionary
from frontend.clients.types import FeatureDictionary
from pipeline.features import describe
from services.portfolio.convert import features_to
from services.portfolio.domain import Publication


@pytest.fixture(scope="session")
def dictionary() -> FeatureDictionary:
    publication = Publication("v", datetime.now(UTC), 1, 1, 1, True, describe.unobserved(), "f.duckdb", "0")
    return to_dictionary(features_to(publication))
