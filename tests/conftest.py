"""Fixtures that every test folder shares."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data rows; tests that need it are skipped where there is none."""
    folder = Path(os.environ.get("CLAIRSCORE_SHARED_DATA", _ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} does not exist (set CLAIRSCORE_SHARED_DATA)")
    return folder
