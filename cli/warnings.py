"""What went wrong beside the work, and does not undo it."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from services.common.errors import Unavailable


@contextmanager
def warned() -> Iterator[None]:
    """Turns ``Unavailable`` in the block into a warning on standard error."""
    try:
        yield
    except Unavailable as error:
        warn(error.message)


def warn(message: str) -> None:
    """Says it in yellow, on standard error."""
    typer.secho(f"warning: {message}", fg=typer.colors.YELLOW, err=True)
