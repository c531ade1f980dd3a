from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'made on first use' / 'portfolio.db'}"
    url: str = request.getfixturevalue("postgres").create_database("portfolio")
    return url
