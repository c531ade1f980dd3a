import os
import shutil

import pytest

if shutil.which("java") is None:
    pytest.skip("no Java: Spark needs it (Debian: apt-get install openjdk-17-jre-headless)", allow_module_level=True)

from pipeline.engines.spark.session import session

# These jobs end before Java's second compiler pays: without it they take a quarter less.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


@pytest.fixture(scope="session")
def spark():
    """One session for all tests: to start one takes as long as most of them."""
    with session("local[2]") as running:
        yield running
