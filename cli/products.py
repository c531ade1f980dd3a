"""Products of a marketplace: generate-products, train-products, publish-products, benchmark-embeddings."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.progress import progress_bars
from cli.warnings import warn

_MODELS = "all-MiniLM-L6-v2,bert-base-uncased,tf-idf,static"


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    for command in (generate_products, benchmark_embeddings, train_products, publish_products):
        app.command(command.__name__.replace("_", "-"))(command)


def generate_products(
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    per_category: Annotated[int, typer.Option(min=1, help="Products of each of the seven categories.")] = 150,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same file, byte for byte.")] = 42,
) -> None:
    """Writes a made-up catalogue in the marketplace's layout; every row is marked as synthetic.

    Example: `clairscore generate-products --out var/products.csv`
    """
    from pipeline.products.catalogue.generate import generate

    typer.echo(f"{out}: {generate(out, per_category, seed)} products")


def benchmark_embeddings(
    products: Annotated[Path, typer.Option(help="CSV file of labelled products.")],
    models: Annotated[
        str,
        typer.Option(
            help="Names or folders, separated by commas: known models, any sentence-transformers or BERT folder, the "
            "folder of an exported model, tf-idf, static."
        ),
    ] = _MODELS,
    out: Annotated[Path | None, typer.Option(help="Folder of the study; CLAIRSCORE_STUDY_DIR.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Repeats of the 5-fold cross-validation.")] = 3,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of the clusters.")] = 10,
    cpu_hour_price: Annotated[float, typer.Option(min=0, help="Price of an hour of one core, for the costs.")] = 0.05,
) -> None:
    """Compares text models on a products file, and publishes figures, maps and an HTML report.

    About 15 minutes on two free cores for 1,050 products. Finished pieces are kept in OUT.pieces: the same command goes
    on after an interruption. The dashboard shows the study that is in CLAIRSCORE_STUDY_DIR (default var/study).

    Example: `clairscore benchmark-embeddings --products products.csv`
    """
    # t-SNE's and torch's threads would else wait for one another by spinning: beside other work that takes five times
    # as long. Read when their libraries are loaded, below.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from cli.embedding import require_study
    from pipeline.products.study import report
    from pipeline.products.study.document import Settings
    from pipeline.products.study.run import run
    from services.embedding.products.settings import ProductSettings

    require_study()
    folder = ProductSettings.load(study_dir=out).study_dir
    settings = Settings(repeats=repeats, seeds=seeds, cpu_hour_price=cpu_hour_price)
    names = [name.strip() for name in models.split(",") if name.strip()]
    with progress_bars() as progress:
        study = run(products, names, folder.with_name(f"{folder.name}.pieces"), progress, settings=settings)
        report.publish(study, folder)
    for missing in study.unavailable:
        warn(f"{missing.name} is not in the study: {missing.reason}")
    for model in study.models:
        best = model.best_clusters
        typer.echo(
            f"{model.name}: accuracy {model.protocol.accuracy:.4f} and ARI {model.protocol.ari:.4f} by the study's "
            f"protocol; cross-validated {model.validation.accuracy.value:.4f} "
            f"({model.validation.accuracy.low:.4f} to {model.validation.accuracy.high:.4f}), best ARI "
            f"{best.ari.value:.4f} ({best.fields}, {best.space}, {best.method}), "
            f"{model.speed.documents_per_second:,.0f} documents/s a core"
        )
    typer.echo(f"{folder}: study.json, study.fr.html, study.en.html")


def train_products(
    products: Annotated[Path, typer.Argument(help="CSV file of labelled products.")],
    out: Annotated[Path, typer.Option(help="Folder of the classifier to write.")] = Path("var/product-classifier"),
    model: Annotated[str | None, typer.Option(help="Id of the exported embedding model: NAME/PRECISION.")] = None,
    confidence: Annotated[
        float, typer.Option(min=0, max=1, help='Probability below which the answer is "don\'t know".')
    ] = 0.5,
    seed: Annotated[int, typer.Option(min=0, help="The same file and seed give the same classifier.")] = 0,
) -> None:
    """Trains the product classifier, judges it by nested cross-validation and lists labels that look wrong.

    Example: `clairscore train-products products.csv && clairscore publish-products`
    """
    from pipeline.products.classifier.train import train
    from services.embedding.encoder import Encoder
    from services.embedding.products.manifest import SUSPECTS
    from services.embedding.settings import EmbeddingSettings

    settings = EmbeddingSettings.load(embedding_model=model)
    encoder = Encoder.load(settings.embedding_dir / settings.embedding_model, threads=settings.threads)
    with progress_bars() as progress:
        manifest = train(products, encoder, out, progress, threshold=confidence, seed=seed)
    figures = manifest.metrics
    typer.echo(
        f"{out}: version {manifest.version}, {manifest.training_data.rows:,} products, {manifest.choice}, "
        f"cross-validated accuracy {figures['accuracy']:.4f} "
        f"({figures['accuracy_low']:.4f} to {figures['accuracy_high']:.4f}), "
        f"{figures['suspects']:.0f} labels look wrong ({out / SUSPECTS})"
    )


def publish_products(
    folder: Annotated[Path, typer.Argument(help="Folder written by `clairscore train-products`.")] = Path(
        "var/product-classifier"
    ),
) -> None:
    """Makes a product classifier live; a running embedding service takes it up by itself.

    It goes into the registry CLAIRSCORE_PRODUCTS_DIR (default var/products) as a version that never changes.

    Example: `clairscore publish-products var/product-classifier`
    """
    from pipeline.registry.registry import Registry
    from services.embedding.products import ProductClassifier
    from services.embedding.products.settings import ProductSettings

    settings = ProductSettings.load()
    manifest = ProductClassifier.load(folder).manifest
    registry = Registry(settings.products_dir, settings.cache_dir)
    registry.add(folder)
    registry.go_live(manifest.version, manifest.feature_contract)
    typer.echo(f"published product classifier {manifest.version}")
