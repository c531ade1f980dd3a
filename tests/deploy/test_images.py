"""Every image is what it must be; and the check that says so notices when one is not."""

import pytest
from support.containers.engine import Engine
from support.containers.image_checks import faults
from support.containers.images import PARTS, BuiltImages
from support.waiting import until

_PLANTED = """\
FROM clairscore/portfolio
USER root
RUN rm /usr/share/clairscore/sbom.cdx.json && chmod -R o+w /opt/clairscore/bin && ln -s /bin/true /usr/bin/wget
RUN rm -r /opt/clairscore/lib/python3.11/site-packages/duckdb
HEALTHCHECK NONE
LABEL org.opencontainers.image.revision=""
"""


@pytest.mark.parametrize("part", PARTS)
def test_the_image_is_what_it_must_be(images: BuiltImages, engine: Engine, part: str) -> None:
    assert faults(engine, f"clairscore/{part}", part, images.revision) == []


def test_an_image_with_planted_faults_is_found_out(images: BuiltImages, engine: Engine) -> None:
    planted = images.build_text("clairscore/planted", _PLANTED)
    found = "\n".join(faults(engine, planted, "portfolio", images.revision))
    for fault in (
        "runs as root",
        "cannot do its work: No module named 'duckdb'",
        "its process is root's",
        "its user can write",
        "wget",
        "no bill of materials",
        "health check",
        "revision",
    ):
        assert fault in found
    of_another = "\n".join(faults(engine, "clairscore/portfolio", "embedding", images.revision))
    assert "its packages are not those of its lock" in of_another
    assert "more than" in of_another


@pytest.mark.parametrize("part", ["portfolio", "dashboard"])
def test_it_starts_on_a_read_only_root_and_ends_with_0_on_sigterm(
    images: BuiltImages, engine: Engine, part: str
) -> None:
    """Those two start without a model; the others are seen to end in the test of the whole stack."""
    container = engine.docker(
        *("run", "--detach", "--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL"),
        *("--security-opt=no-new-privileges", "--memory=700m", "--tmpfs=/srv/clairscore/var:uid=10001,gid=10001"),
        f"clairscore/{part}",
    ).strip()
    try:
        healthy = until(
            lambda: engine.docker("inspect", "--format={{.State.Health.Status}}", container).strip() == "healthy",
            seconds=60,
        )
        logs = engine.attempt("logs", container)
        assert healthy, logs.stdout + logs.stderr
        engine.docker("stop", "--time=30", container)
        assert engine.docker("inspect", "--format={{.State.ExitCode}}", container).strip() == "0"
    finally:
        engine.attempt("rm", "--force", container)
