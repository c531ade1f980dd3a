"""Makes a folder of explanations: part by part, and complete at the end."""

from pathlib import Path

import pyarrow as pa

from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import BOOSTER
from services.explain.explainer import Explainer
from services.explain.portfolio import parts
from services.explain.portfolio.neighbours import Neighbours
from services.explain.portfolio.parts import FACTS, MARGIN, Parts, Step, no_step
from services.explain.portfolio.ranks import Ranks
from services.explain.portfolio.store import COMPLETE, RANKS, Complete

# Raised whenever the files that are kept, or what they hold, change.
LAYOUT = 1


def about(explainer: Explainer, publication: str, clients: int) -> Complete:
    """What a folder of explanations of a publication by this model is of."""
    manifest = explainer.model.manifest
    return Complete(
        layout=LAYOUT,
        model_version=manifest.version,
        model_sha256=manifest.files[BOOSTER],
        publication=publication,
        features=tuple(feature.name for feature in explainer.features),
        clients=clients,
    )


def columns(dictionary: FeatureDictionary) -> list[str]:
    """What has to be known of clients to explain them, as the portfolio service calls it."""
    return [*(name for name in FACTS if name != MARGIN), *(feature.name for feature in dictionary.features)]


def explain(explainer: Explainer, clients: pa.Table, *, threads: int = 1) -> pa.Table:
    """Explains clients, given with ``columns``; returns what a part holds.

    Raises:
        InvalidInput: the model cannot take a client's values.
        NotAdditive: contributions do not add up.
    """
    names = [feature.name for feature in explainer.features]
    schema = parts.schema(explainer.model.dictionary, names)
    matrix = explainer.model.encoder.table(clients)
    contributions = explainer.contributions(matrix, threads=threads)
    found = {name: clients[name] for name in clients.column_names}
    found[MARGIN] = pa.array(explainer.margins(matrix))
    for k, name in enumerate(names):
        found[parts.contribution_of(name)] = pa.array(contributions[:, k].astype("float32"))
    return pa.table({name: found[name] for name in schema.names}, schema=schema)


def complete(
    folder: Path, dictionary: FeatureDictionary, of: Complete, *, threads: int = 1, step: Step = no_step
) -> None:
    """Adds what is computed over all parts, and says at last that the folder is complete.

    ``step`` is called every now and then; what it raises ends the work.
    """
    opened = Parts(folder, threads=threads)
    try:
        Ranks.build(opened, dictionary, of.features, step).save(folder / RANKS)
        Neighbours.build(opened, of.features, step).save(folder)
    finally:
        opened.close()
    # The one file that readers look for, so the only one that must not be seen half-written.
    aside = folder / f".{COMPLETE}"
    aside.write_text(of.model_dump_json())
    aside.replace(folder / COMPLETE)
