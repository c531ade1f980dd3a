"""Training the classifier: what is served is what was trained, its folder is whole, wrong labels are found."""

import csv
from pathlib import Path

import numpy as np
import pytest
from support.embedding import tiny_bert

from pipeline.embedding import sources
from pipeline.embedding.export import export
from pipeline.products.classifier.develop import calibration_error, develop, figures
from pipeline.products.classifier.model import Candidate, Kind, Model, Texts, Words
from pipeline.products.classifier.train import text_of, train
from pipeline.products.table import Products
from services.common.errors import InvalidInput, Misconfigured
from services.embedding.encoder import Encoder
from services.embedding.products import ProductClassifier
from services.embedding.products.classifier import Labelled, Linear
from services.embedding.products.lexical import Lexicon
from services.embedding.products.manifest import SUSPECTS, WEIGHTS, ProductManifest

CANDIDATES = (Candidate(Kind.SVM, 1.0, 1.0), Candidate(Kind.REGRESSION, 10.0, 1.0))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("encoder")
    exported = export(sources.resolve(str(tiny_bert(folder / "tiny-bert"))), folder / "exported")
    return Encoder.load(next(one.folder for one in exported if one.folder), threads=1)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Path, encoder: Encoder
) -> tuple[Path, ProductManifest]:
    out = tmp_path_factory.mktemp("trained") / "classifier"
    return out, train(catalogue, encoder, out, candidates=CANDIDATES, folds=3, inner_folds=2)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("classes", [2, 7])
def test_what_is_served_is_the_trained_model(kind: Kind, classes: int, products: Products) -> None:
    """Linear model and words without scikit-learn, of two classes (where scikit-learn keeps one) and of more."""
    rows = [row for row in products.rows if row.category in products.categories[:classes]]
    labels = np.array([row.category for row in rows])
    vectors = np.random.default_rng(0).normal(size=(len(rows), 16))
    texts = Texts.of([text_of(row) for row in rows], vectors)
    model = Model(Candidate(kind, 1.0, 1.5), Words(texts), texts, labels)
    model.temperature = 0.3
    terms = model.vectorizer.get_feature_names_out()
    manifest = ProductManifest.model_construct(
        classes=tuple(np.unique(labels)), vector_weight=1.5, temperature=0.3, confidence_threshold=0.5
    )
    served = ProductClassifier(
        manifest,
        Lexicon({term: column for column, term in enumerate(terms)}, model.vectorizer.idf_),
        Linear(*model.linear),
        Labelled([], [], [], np.zeros((0, 16), dtype=np.float32)),
    )

    probabilities = served.probabilities([text_of(row) for row in rows], vectors)

    assert probabilities == pytest.approx(model.probabilities(texts), abs=1e-9)


def test_classifies_made_up_products(
    trained: tuple[Path, ProductManifest], encoder: Encoder, products: Products
) -> None:
    classifier = ProductClassifier.load(trained[0])
    texts = [text_of(product) for product in products.rows[:20]]

    answers = classifier.classify(texts, encoder.encode(texts).vectors, neighbours=2)

    right = [one.label == product.category for one, product in zip(answers, products.rows, strict=False)]
    assert sum(right) >= 18
    for answer, product in zip(answers, products.rows, strict=False):
        assert answer.neighbours[0].similarity == pytest.approx(1, abs=1e-5)
        assert product.identifier in {near.identifier for near in answer.neighbours}
        assert answer.confident == (answer.probability >= 0.5)


def test_figures_are_of_products_that_were_not_seen(trained: tuple[Path, ProductManifest]) -> None:
    metrics = trained[1].metrics

    assert 0.8 < metrics["accuracy_low"] <= metrics["accuracy"] <= metrics["accuracy_high"] <= 1
    assert metrics["accuracy_answered"] >= metrics["accuracy"]


def test_mislabelled_products_are_listed(trained: tuple[Path, ProductManifest]) -> None:
    """The catalogue files a fiftieth of its products wrongly; the type in the specification says what they are."""
    with (trained[0] / SUSPECTS).open(encoding="utf-8-sig", newline="") as stream:
        listed = list(csv.DictReader(stream))

    assert len(listed) == trained[1].metrics["suspects"]
    assert all(row["given"] != row["suggested"] for row in listed)


def test_a_changed_file_is_never_served(trained: tuple[Path, ProductManifest], tmp_path: Path) -> None:
    for file in trained[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / WEIGHTS).write_bytes(b"other")

    with pytest.raises(Misconfigured, match=WEIGHTS):
        ProductClassifier.load(tmp_path)


def test_too_few_products_are_refused_and_nothing_is_written(tmp_path: Path, catalogue: Path, encoder: Encoder) -> None:
    with pytest.raises(InvalidInput, match="are needed"):
        train(catalogue, encoder, tmp_path / "out", folds=20, inner_folds=2)

    assert not (tmp_path / "out").exists()


def test_held_out_products_do_not_choose(products: Products) -> None:
    """Labels without a pattern: honest nested cross-validation stays near chance, whatever it chooses from."""
    labels = np.random.default_rng(0).permutation([row.category for row in products.rows])
    texts = Texts.of([text_of(row) for row in products.rows], np.random.default_rng(1).normal(size=(len(labels), 8)))

    developed = develop(texts, labels, candidates=CANDIDATES[:1], folds=3, inner_folds=2)

    assert figures(developed.held_out, labels, 0.5)["accuracy"] < 0.3


def test_calibration_error_of_known_answers() -> None:
    right = np.array([True] * 8 + [False] * 2)
    # Ten answers in ten bins: each is wrong by what it lacks, or by what it claims.

    assert calibration_error(np.full(10, 0.8), right) == pytest.approx(np.mean([abs(0.8 - answer) for answer in right]))
