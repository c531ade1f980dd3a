"""What leaves the laptop, built, started and broken on purpose: ``make test-deploy``.

Images are built once, by an engine of the tests' own. Where no engine can be started, what needs one is skipped and
says why.
"""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from support.containers.base_image import archive
from support.containers.commands import run
from support.containers.engine import Engine, EngineFailed, missing
from support.containers.images import PARTS, BuiltImages

_ROOT = Path(__file__).parents[2]
_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder, so that ``make test`` leaves it out and ``make test-deploy`` takes it."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.deploy)


@pytest.fixture(scope="session")
def kept() -> Path:
    """Where the base image, the built layers and the downloads are kept from one run to the next."""
    return Path(os.environ.get("CLAIRSCORE_DEPLOY_CACHE", _ROOT / "var/test-deploy"))


@pytest.fixture(scope="session")
def engine(kept: Path) -> Iterator[Engine]:
    """An engine that builds; what needs it is skipped where none can be started, but not by CI as root on Debian."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with (
        tempfile.TemporaryDirectory(prefix="clairscore-", dir="/tmp") as runtime,
        closing(Engine(kept / "docker", Path(runtime))) as started,
    ):
        try:
            started.start_for_building()
        except EngineFailed as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield started


@pytest.fixture(scope="session")
def images(engine: Engine, kept: Path) -> BuiltImages:
    """Every image, built from the files as they are; afterwards the engine runs containers, without a way out."""
    built = BuiltImages(engine, archive(kept), revision())
    # The first makes the layers that all share; then two at a time, as one downloads while another computes.
    built.build(PARTS[0])
    with ThreadPoolExecutor(2) as builds:
        list(builds.map(built.build, PARTS[1:]))
    built.build_postgres()
    engine.start_for_running()
    return built


def revision() -> str:
    """The commit that the images are labelled with."""
    return run(["git", "-C", _ROOT, "rev-parse", "HEAD"]).strip()
