import shutil

import pytest

if shutil.which("java") is None:
    pytest.skip("no Java: Spark needs it (Debian: apt-get install openjdk-17-jre-headless)", allow_module_level=True)

from pipeline.engines.spark.session import session


@pytest.fixture(scope="session")
def spark():
    """One session for all tests: to start one takes as long as most of them."""
    with session("local[2]") as running:
        yield running
