"""The offline steps: generate, features, dictionary, train, score."""

from pathlib import Path
from typing import Annotated

import typer

from cli.progress import progress_bars
from cli.warnings import warn, warned
from pipeline.engines import LOCAL, Engine, require_spark

_Engine = Annotated[Engine, typer.Option(help="duckdb: this machine. spark: a folder of Parquet files, on --master.")]
_Master = Annotated[str, typer.Option(help="Spark's master, such as spark://host:7077; with --engine spark.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    for command in (generate, features, dictionary, train, score):
        app.command()(command)


def generate(
    out: Annotated[Path, typer.Option(help="Folder to write the eight CSV files to.")],
    clients: Annotated[int, typer.Option(min=100, help="Number of clients, training and new ones together.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files, byte for byte.")] = 42,
) -> None:
    """Writes a synthetic portfolio in the Home Credit layout: about 7 MB and half a second per 1,000 clients.

    Example: `clairscore generate --clients 10000 --seed 42 --out var/data`
    """
    from pipeline.synthetic.generate import generate as run

    with progress_bars() as progress:
        summary = run(out, clients, seed, progress)
    rows = sum(summary.rows.values())
    typer.echo(f"{out}: {rows:,} rows in {len(summary.rows)} files, default rate {summary.default_rate:.1%}")


def features(
    folder: Annotated[
        Path, typer.Argument(help="Folder with application_train and/or application_test, and histories.")
    ],
    out: Annotated[Path, typer.Option(help="Features file to write (.parquet).")],
    memory_limit: Annotated[
        str, typer.Option(help="What the database may hold in memory; the rest goes to disk, beside the features file.")
    ] = "4GiB",
    engine: _Engine = Engine.DUCKDB,
    master: _Master = LOCAL,
) -> None:
    """Turns raw tables (CSV, gz, zip or Parquet) into one row of features per client.

    Amounts stay in the currency of the data, times in days before the application. A history table that is absent
    is said, and its features are missing.

    Spark writes a folder of Parquet files and keeps to its own memory settings.

    Example: `clairscore features var/data --out var/features.parquet`
    """
    with progress_bars() as progress:
        if engine is Engine.SPARK:
            require_spark()
            from pipeline.engines.spark import features as spark

            report = spark.build(folder, out, progress, master=master)
        else:
            from pipeline.features.build import build

            report = build(folder, out, progress, memory_limit=memory_limit)
    for warning in report.warnings:
        warn(warning)
    families = ", ".join(f"{name} {count}" for name, count in report.columns.items())
    typer.echo(
        f"{out}: {report.rows:,} clients, {sum(report.columns.values())} features ({families}), {report.seconds:.1f} s"
    )


def dictionary(out: Annotated[Path, typer.Option(help="Markdown file to write.")]) -> None:
    """Writes what every feature is as a table: labels, unit, source, who may change it. Needs no data.

    Example: `clairscore dictionary --out docs/features.md`
    """
    from pipeline.features.describe import unobserved
    from pipeline.features.page import page

    described = unobserved()
    out.write_text(page(described), encoding="utf-8")
    typer.echo(f"{out}: {len(described.features)} features")


def train(
    features: Annotated[Path, typer.Argument(help="Features file written by `clairscore features`.")],
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    threshold: Annotated[
        float, typer.Option(help="Acceptance threshold on the probability of repayment, 0 to 1.")
    ] = 0.52,
    cost_ratio: Annotated[float, typer.Option(help="What a missed default costs, in refused good clients.")] = 10.0,
    imbalance: Annotated[
        str, typer.Option(help="What is done about defaults being rare: none, weights or undersampling.")
    ] = "none",
    search_trials: Annotated[
        int, typer.Option(min=0, help="Trials of a search for hyper-parameters, earlier ones included; 0: no search.")
    ] = 0,
    search_seconds: Annotated[
        float, typer.Option(min=1, help="Seconds after which the search begins no further trial.")
    ] = 600,
    out_of_time: Annotated[
        Path | None,
        typer.Option(help="File with SK_ID_CURR and a date column: also learn from the oldest, test on the newest."),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The same features and seed give the same trees.")] = 0,
) -> None:
    """Trains the credit model with cross-validation, calibrates it, exports it to ONNX and writes its model card.

    The search remembers its trials in OUT.search: another run goes on from there.

    Example: `clairscore train var/features.parquet --out var/model`
    """
    from pipeline.registry import tracking
    from pipeline.training.boosting import Imbalance
    from pipeline.training.search import Budget
    from pipeline.training.train import train as run

    if imbalance not in set(Imbalance):
        raise typer.BadParameter(f"must be one of {', '.join(Imbalance)}", param_hint="--imbalance")
    with progress_bars() as progress:
        manifest = run(
            features,
            out,
            progress,
            threshold=threshold,
            cost_ratio=cost_ratio,
            imbalance=Imbalance(imbalance),
            budget=Budget(search_trials, search_seconds) if search_trials else None,
            dates=out_of_time,
            folds=folds,
            seed=seed,
        )
    with warned():
        tracking.record_training(manifest, out)
    auc, low, high = (manifest.metrics[f"roc_auc{end}"] for end in ("", "_low", "_high"))
    typer.echo(
        f"{out}: version {manifest.version}, {manifest.training_data.rows:,} clients, {len(manifest.inputs)} inputs "
        f"({len(manifest.deselected_inputs)} left out), cross-validated ROC AUC {auc:.4f} ({low:.4f} to {high:.4f})"
    )


def score(
    model_dir: Annotated[Path, typer.Argument(help="Model folder written by `clairscore train`.")],
    features: Annotated[Path, typer.Argument(help="Features file of the clients to score.")],
    out: Annotated[Path, typer.Option(help="File to write: .parquet or .csv; a folder with --engine spark.")],
    engine: _Engine = Engine.DUCKDB,
    master: _Master = LOCAL,
) -> None:
    """Scores every client of a features file; probabilities are in [0, 1].

    Columns: SK_ID_CURR, probability_of_default, probability_of_repayment, band, decision, model_version.

    Example: `clairscore score var/model var/features.parquet --out scores.csv`
    """
    with progress_bars() as progress:
        if engine is Engine.SPARK:
            require_spark()
            from pipeline.engines.spark import scores as spark

            rows = spark.score(model_dir, features, out, progress, master=master)
        else:
            from pipeline.batch import score as run

            rows = run(model_dir, features, out, progress)
    typer.echo(f"{out}: {rows:,} clients scored")
