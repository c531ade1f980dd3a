"""The scikit-learn side of the classifier: words (TF-IDF) beside a text's vector, a linear model over both."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.svm import LinearSVC

from services.embedding.products.classifier import softmax, unit
from services.embedding.products.lexical import TOKEN

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.str_]
Rows = npt.NDArray[np.intp]


class Kind(StrEnum):
    """The linear models that are tried."""

    SVM = "svm"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to build the classifier; ``weight`` is that of the vector beside the words, ``c`` the inverse penalty."""

    kind: Kind
    c: float
    weight: float

    def __str__(self) -> str:
        return f"{self.kind} C={self.c:g}, vector weight {self.weight:g}"


CANDIDATES = (
    Candidate(Kind.SVM, 1.0, 0.7),
    Candidate(Kind.SVM, 3.0, 0.7),
    Candidate(Kind.SVM, 3.0, 0.5),
    Candidate(Kind.REGRESSION, 50.0, 0.7),
)


@dataclass(frozen=True, slots=True)
class Texts:
    """Products as the classifier sees them: ``texts`` (name and description), their ``vectors`` (n, dimension)."""

    texts: npt.NDArray[np.object_]
    vectors: Floats

    @classmethod
    def of(cls, texts: Sequence[str], vectors: npt.NDArray[np.floating]) -> "Texts":
        """Texts with their vectors, which are scaled to length 1."""
        return cls(np.array(texts, dtype=object), unit(vectors))

    def __getitem__(self, rows: Rows) -> "Texts":
        return Texts(self.texts[rows], self.vectors[rows])


class Words:
    """The words of some training texts, learned once and shared by all candidates."""

    def __init__(self, texts: Texts) -> None:
        self.vectorizer = TfidfVectorizer(token_pattern=TOKEN, ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self.weights = self.vectorizer.fit_transform(texts.texts)


class Model:
    """A fitted candidate; ``temperature`` calibrates its probabilities."""

    def __init__(self, candidate: Candidate, words: Words, training: Texts, labels: Labels) -> None:
        self.candidate = candidate
        self.vectorizer = words.vectorizer
        self.temperature = 1.0
        self.estimator: Any = (
            LinearSVC(C=candidate.c, random_state=0)
            if candidate.kind is Kind.SVM
            else LogisticRegression(C=candidate.c, max_iter=2000)
        )
        self.estimator.fit(self._inputs(words.weights, training), labels)

    def decision(self, texts: Texts) -> Floats:
        """Decision values, shape (n, classes)."""
        inputs = self._inputs(self.vectorizer.transform(texts.texts), texts)
        values = np.asarray(self.estimator.decision_function(inputs), dtype=np.float64)
        # Of two classes scikit-learn gives the second's values only.
        return np.stack([-values / 2, values / 2], axis=1) if values.ndim == 1 else values

    @property
    def linear(self) -> tuple[Floats, Floats]:
        """What gives the decision values: coefficients (classes, terms + dimension) and intercepts (classes,)."""
        coefficients, intercepts = self.estimator.coef_, self.estimator.intercept_
        if len(coefficients) == 1:
            return np.vstack([-coefficients / 2, coefficients / 2]), np.hstack([-intercepts / 2, intercepts / 2])
        return coefficients, intercepts

    def probabilities(self, texts: Texts) -> Floats:
        """Calibrated probabilities, shape (n, classes)."""
        return softmax(self.decision(texts) / self.temperature)

    def _inputs(self, weights: Any, texts: Texts) -> Any:
        return hstack([weights, csr_matrix(self.candidate.weight * texts.vectors)]).tocsr()


def temperature(decision: Floats, labels: Labels, classes: Sequence[str]) -> float:
    """The temperature with the least log loss of held-out decision values (Guo et al. 2017, "On calibration of modern
    neural networks", ICML)."""

    def loss(logarithm: float) -> float:
        return float(log_loss(labels, softmax(decision / np.exp(logarithm)), labels=list(classes)))

    return float(np.exp(minimize_scalar(loss, bounds=(-5.0, 3.0), method="bounded").x))
