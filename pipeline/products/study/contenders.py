"""The models that a study compares, behind one face: what their classifier reads, and vectors of texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from pipeline.embedding import sources
from pipeline.embedding.manifest import MANIFEST, ONNX
from pipeline.embedding.sources import WEIGHTS
from pipeline.products.study import static
from pipeline.products.study.document import Kind
from services.common.errors import InvalidInput, Violation
from services.embedding.encoder import Encoder

# Names of the contenders that are no embedding model of their own.
LEXICAL, STATIC = "tf-idf", "static"
# The model that the static one is distilled from.
TEACHER = "all-MiniLM-L6-v2"

_COMPONENTS = 100
# For sentence-transformers: of 8, 16 and 32 the one with the least processor time.
_BATCH = 8

Vectors = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Contender:
    """A model, loaded; ``encode`` gives vectors of shape (n, dimension), for words of shape (n, 0)."""

    name: str
    kind: Kind
    source: str
    bytes: int
    dimension: int
    encode: Callable[[Sequence[str]], Vectors]


def estimator(kind: Kind) -> Any:
    """A new classifier: logistic regression on vectors, as in the study's protocol; for words, TF-IDF and an SVM."""
    if kind == "lexical":
        return make_pipeline(_words(), LinearSVC(C=0.5, random_state=0))
    return LogisticRegression(max_iter=1000)


def inputs(kind: Kind, texts: Sequence[str], vectors: Vectors) -> Any:
    """What that classifier reads: the vectors, or the texts themselves, whose words it learns in training alone."""
    return np.array(texts, dtype=object) if kind == "lexical" else vectors


def space(kind: Kind, texts: Sequence[str], vectors: Vectors) -> Vectors:
    """Points to look for clusters in, shape (n, d), made without labels: vectors, or latent semantic analysis."""
    if kind != "lexical":
        return vectors
    weights = _words().fit_transform(texts)
    components = min(_COMPONENTS, min(weights.shape) - 1)
    points: Vectors = TruncatedSVD(components, random_state=0).fit_transform(weights)
    return points


def open_contender(model: str, *, teacher: str = TEACHER) -> Contender:
    """Loads a contender.

    Args:
        model: "tf-idf", "static", a name of the configuration, a model's folder, or the folder of an exported model
            (ONNX), which is what the embedding service runs.
        teacher: what "static" is distilled from.

    Raises:
        NotFound: a known model whose weights cannot be had here; says how to get them. Or an unknown name.
        Misconfigured: the weights are not what they should be.
    """
    if model == LEXICAL:
        return Contender(
            LEXICAL, "lexical", "scikit-learn", 0, 0, lambda texts: np.zeros((len(texts), 0), dtype=np.float32)
        )
    if model == STATIC:
        return _static(teacher)
    if (Path(model) / MANIFEST).is_file():
        return _exported(Path(model))
    from pipeline.embedding import export  # noqa: PLC0415 - torch: words alone need none

    source = sources.resolve(model)
    transformer = export.load(source.folder)

    def encode(texts: Sequence[str]) -> Vectors:
        vectors: Vectors = transformer.encode(list(texts), batch_size=_BATCH, show_progress_bar=False)
        return vectors

    size = (source.folder / WEIGHTS).stat().st_size
    dimension = int(transformer.get_embedding_dimension() or 0)
    return Contender(source.name, "transformer", source.location, size, dimension, encode)


def check_names(models: Sequence[str]) -> None:
    """Raises InvalidInput when no model is named, or one twice."""
    twice = sorted({model for model in models if models.count(model) > 1})
    if not models or twice:
        reason = f"names {', '.join(twice)} twice" if twice else "names no model"
        raise InvalidInput([Violation("models", reason)])


def _exported(folder: Path) -> Contender:
    encoder = Encoder.load(folder)
    manifest = encoder.manifest
    size = (folder / ONNX).stat().st_size
    return Contender(
        manifest.id,
        "transformer",
        f"{manifest.source.location}, ONNX",
        size,
        manifest.dimension,
        lambda texts: encoder.encode(texts).vectors,
    )


def _static(teacher: str) -> Contender:
    source = sources.resolve(teacher)
    model = static.distil(source.folder)
    return Contender(
        STATIC,
        "static",
        f"model2vec, {source.name}",
        model.embedding.nbytes,
        model.dim,
        lambda texts: model.encode(list(texts), use_multiprocessing=False),
    )


def _words() -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
