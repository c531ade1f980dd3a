"""The ``clairscore`` command: every step of the road by hand, the services, and the whole stack at once."""

import errno
import sys

import typer

from cli import embedding, migrate, pipeline, products, publish, serve, up
from services.common.errors import ClairscoreError, InvalidInput

app = typer.Typer(
    name="clairscore",
    help="Credit scoring that explains itself. The steps in order: generate, features, train, publish, serve, "
    "dashboard. `up` does all of them on one machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
pipeline.register(app)
publish.register(app)
embedding.register(app)
products.register(app)
migrate.register(app)
serve.register(app)
up.register(app)


def main() -> None:
    """Runs the command; what goes wrong for a known reason is one clear message and exit code 1."""
    try:
        app()
    except InvalidInput as error:
        for violation in error.violations:
            _say(f"{violation.field}: {violation.description}")
        sys.exit(1)
    except ClairscoreError as error:
        _say(error.message)
        sys.exit(1)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
            raise
        _say(f"{error.filename or 'The disk'}: {error.strerror}. Free some space and run the same command again.")
        sys.exit(1)


def _say(message: str) -> None:
    typer.secho(f"clairscore: {message}", fg=typer.colors.RED, err=True)


if __name__ == "__main__":
    main()
