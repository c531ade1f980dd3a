"""Builds the project's images, as ``docker build`` and compose do."""

from collections.abc import Sequence
from pathlib import Path

from support.containers.engine import Engine

PARTS = ("scoring", "portfolio", "explain", "embedding", "dashboard", "pipeline")

_ROOT = Path(__file__).parents[3]
# The name that the Dockerfile asks for by default: built as a user builds, on a base that is made here.
_BASE = "python:3.11-slim-bookworm"
# What compose asks for by default, from docker-compose.yml.
POSTGRES = "postgres:15-bookworm"
_BUILD_SECONDS = 600.0


class BuiltImages:
    """The images of this working copy, by part."""

    def __init__(self, engine: Engine, base: Path, revision: str) -> None:
        """Gives the engine the base image.

        Args:
            engine: builds.
            base: root file system of the base image, as a tar archive.
            revision: the commit that the images are labelled with.
        """
        self._engine = engine
        self.revision = revision
        # The same archive gives the same layer, but a new image; whose layers above would all be built anew.
        if engine.attempt("image", "inspect", _BASE).returncode != 0:
            engine.docker("import", "--change", 'CMD ["python3"]', "--change", "ENV LANG=C.UTF-8", base, _BASE)

    def build(self, part: str, *, options: Sequence[str] = ()) -> str:
        """Builds the image of a part from the files as they are; gives its name."""
        name = f"clairscore/{part}"
        self._build(
            name,
            _ROOT / "deploy/images/Dockerfile",
            _ROOT,
            *("--build-arg", f"PART={part}", "--build-arg", f"REVISION={self.revision}", *options),
        )
        return name

    def build_postgres(self) -> str:
        """Builds a PostgreSQL of Debian's that is set up by the same variables and files as the official image."""
        folder = _ROOT / "tests/deploy/postgres"
        self._build(POSTGRES, folder / "Dockerfile", folder)
        return POSTGRES

    def build_text(self, name: str, dockerfile: str) -> str:
        """Builds an image from a Dockerfile without any files."""
        self._engine.docker("build", "--quiet", "--tag", name, "-", text=dockerfile)
        return name

    def _build(self, name: str, dockerfile: Path, context: Path, *options: str) -> None:
        self._engine.docker(
            *("build", "--network=host", "--progress=plain", "--file", dockerfile, "--tag", name, *options, context),
            seconds=_BUILD_SECONDS,
        )
