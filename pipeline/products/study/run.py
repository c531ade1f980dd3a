"""One run of the study: all models on one machine, resumable, as one document."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

import numpy as np

from pipeline.products import table
from pipeline.products.classifier import suspects
from pipeline.products.classifier.develop import develop
from pipeline.products.classifier.model import CANDIDATES, Texts
from pipeline.products.study import contenders
from pipeline.products.study.contenders import Contender
from pipeline.products.study.document import (
    Comparison,
    ModelResult,
    ProductPoint,
    Settings,
    Study,
    Unavailable,
)
from pipeline.products.study.measure import Measurement
from pipeline.products.study.pieces import Pieces
from pipeline.products.study.resampling import paired
from pipeline.products.suspect import Suspect
from pipeline.products.table import Products
from pipeline.progress import Progress, silent
from services.common.errors import Misconfigured, NotFound

_LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "onnxruntime", "model2vec", "umap-learn")
# A new version of what is measured makes kept pieces worthless.
_PIECES = "2"


def run(
    file: Path,
    models: Sequence[str],
    pieces_dir: Path,
    progress: Progress = silent,
    *,
    settings: Settings | None = None,
    load: Callable[[str], Contender] = contenders.open_contender,
) -> Study:
    """Measures all models on a products file.

    Args:
        file: the products.
        models: names or folders, as ``contenders.open_contender`` takes them.
        pieces_dir: keeps what is finished; the same call after an interruption goes on from there.
        progress: hears of every step.
        settings: how much is computed.
        load: loads a model.

    Raises:
        InvalidInput: the file is at fault, or no model or one twice is named.
        NotFound: none of the models can be had here.
    """
    contenders.check_names(models)
    chosen = settings or Settings()
    products = table.read(file, least=max(chosen.folds, 2))
    pieces = Pieces(pieces_dir, sha256=products.sha256, settings=chosen.model_dump_json(), version=_PIECES)
    began = time.monotonic()
    results: list[ModelResult] = []
    unavailable: list[Unavailable] = []
    measured: list[Measurement] = []
    for model in models:
        measurement = Measurement(model, partial(load, model), products.rows, chosen, pieces, progress)
        try:
            results.append(measurement.result())
            measured.append(measurement)
        except (NotFound, Misconfigured) as error:
            command = error.details.get("command", "")
            unavailable.append(Unavailable(name=model, reason=error.message, command=command))
    if not results:
        raise NotFound("; ".join(one.reason for one in unavailable))
    return Study(
        created_at=datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        products_sha256=products.sha256,
        synthetic=products.synthetic,
        categories=products.categories,
        products=_points(products),
        settings=chosen,
        processor=_processor(),
        cores=os.cpu_count() or 1,
        seconds=time.monotonic() - began,
        models=tuple(results),
        unavailable=tuple(unavailable),
        comparisons=_comparisons(results, chosen.folds),
        suspects=_suspects(products, measured[0], pieces, progress),
        libraries={name: version(name) for name in _LIBRARIES},
    )


def _suspects(products: Products, model: Measurement, pieces: Pieces, progress: Progress) -> tuple[Suspect, ...]:
    """Labels that look wrong to the classifier of words and of a model's vectors, which has not seen the product."""

    def find() -> tuple[Suspect, ...]:
        labels = np.array([product.category for product in products.rows])
        texts = Texts.of(*model.both())
        found = develop(texts, labels, candidates=CANDIDATES[:1], folds=5, inner_folds=2, progress=progress)
        return suspects.find(products.rows, labels, found.held_out)

    return pieces.keep(f"{model.name} suspects", tuple[Suspect, ...], find)


def _points(products: Products) -> tuple[ProductPoint, ...]:
    places = {name: place for place, name in enumerate(products.categories)}
    return tuple(
        ProductPoint(identifier=product.identifier, name=product.name, category=places[product.category])
        for product in products.rows
    )


def _comparisons(results: Sequence[ModelResult], folds: int) -> tuple[Comparison, ...]:
    found = []
    for one, other in combinations(results, 2):
        difference, p = paired(one.validation.scores, other.validation.scores, folds)
        found.append(Comparison(one=one.name, other=other.name, difference=difference, p=p))
    return tuple(found)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
