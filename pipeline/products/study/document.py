"""The study as a document: every figure that the report and the page show, and nothing that depends on a language."""

from typing import Literal

from pipeline.evaluation.result import Interval, Result
from pipeline.products.suspect import Suspect

# The file of a published study's folder.
DOCUMENT = "study.json"
# Accuracy and ARI that the study published for its two models.
PUBLISHED = {"bert-base-uncased": (0.93, 0.3095), "all-MiniLM-L6-v2": (0.95, 0.7119)}

Kind = Literal["transformer", "static", "lexical"]
# Where points are mapped and clusters looked for; "raw" has no map.
Projection = Literal["raw", "pca", "tsne", "umap"]
# What groups are looked for in: descriptions, as in the study; name and description in one text, as the noun of a name
# says what a product is; and the mean vector of name, description and both, as what shops write about any product, and
# where a long text is cut off, differ in the three. Words have no such mean.
Fields = Literal["description", "both", "mean"]
# How: as in the study, and by a hierarchy, which needs no chance and no round groups.
Method = Literal["k-means", "ward"]
# What is done to the texts; the model learned from whole descriptions, or from the fields that a condition names.
Condition = Literal["description", "typos", "truncated", "name", "both"]


class CategoryReport(Result):
    """One row of scikit-learn's ``classification_report``."""

    category: str
    precision: float
    recall: float
    f1: float
    support: int


class Protocol(Result):
    """The study's own protocol: one split, logistic regression; one t-SNE map, 7-means on it.

    ``confusion[true][predicted]`` counts the test products.
    """

    accuracy: float
    macro_f1: float
    weighted_f1: float
    test_rows: int
    report: tuple[CategoryReport, ...]
    confusion: tuple[tuple[int, ...], ...]
    ari: float


class Validation(Result):
    """Repeated stratified cross-validation.

    ``scores`` are the accuracies of all folds, repeat after repeat; ``predicted`` is each product's category, as its
    place among the study's categories, by the model of the first repeat that had not seen it.
    """

    accuracy: Interval
    macro_f1: Interval
    scores: tuple[float, ...]
    predicted: tuple[int, ...]
    confusion: tuple[tuple[int, ...], ...]


class Clusters(Result):
    """How well groups that one pipeline finds without labels agree with the categories, over several seeds.

    ``value`` of an interval is the median of the seeds, ``low`` and ``high`` the least and the greatest.
    """

    fields: Fields
    space: Projection
    method: Method
    ari: Interval
    nmi: Interval
    # Of the categories themselves in that space, -1 to 1.
    silhouette: Interval


class FewShot(Result):
    """Accuracy after learning from so many products of each category; mean and 95 % interval over draws."""

    per_category: int
    accuracy: Interval


class Robustness(Result):
    """Cross-validated accuracy under a condition of the texts."""

    condition: Condition
    accuracy: Interval


class Speed(Result):
    """On one machine, in one run; latency is that of a single text, from the wall clock."""

    # Of one core: documents by seconds of processor time, which a busy machine does not lengthen.
    documents_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    # Memory that loading and encoding added to the process, in MiB.
    memory_mebibytes: float
    # Size of the model's weights, in MiB.
    size_mebibytes: float
    # At the price of a CPU hour that the study was given.
    cost_per_million: float


class Map(Result):
    """Where each product lies; ``x`` and ``y`` are in the order of the study's products."""

    projection: Projection
    x: tuple[float, ...]
    y: tuple[float, ...]


class ModelResult(Result):
    """Everything about one model."""

    name: str
    kind: Kind
    # Numbers in a vector; for words, the terms.
    dimension: int
    source: str
    protocol: Protocol
    validation: Validation
    clusters: tuple[Clusters, ...]
    few_shot: tuple[FewShot, ...]
    robustness: tuple[Robustness, ...]
    speed: Speed
    maps: tuple[Map, ...]

    @property
    def best_clusters(self) -> Clusters:
        """The pipeline with the greatest median ARI: picked by the labels, and so a little flattered."""
        return max(self.clusters, key=lambda one: one.ari.value)


class Unavailable(Result):
    """A model that was asked for and cannot be had here; ``command`` gets it, where one does."""

    name: str
    reason: str
    command: str = ""


class Comparison(Result):
    """Accuracy of ``one`` minus that of ``other`` on the same folds, with the corrected resampled t-test's p."""

    one: str
    other: str
    difference: Interval
    p: float


class ProductPoint(Result):
    """A product as the maps name it; ``category`` is its place among the study's categories."""

    identifier: str
    name: str
    category: int


class Settings(Result):
    """How much was computed."""

    folds: int = 5
    repeats: int = 3
    # Of clusters and maps.
    seeds: int = 10
    few_shot: tuple[int, ...] = (2, 5, 10, 20, 50)
    few_shot_draws: int = 10
    # Price of an hour of one CPU core, in whatever currency.
    cpu_hour_price: float = 0.05
    # Texts whose latency is measured.
    latency_texts: int = 200


class Study(Result):
    """Everything that a study says. ``models`` are in the order in which they were asked for."""

    created_at: str
    products_sha256: str
    synthetic: bool
    categories: tuple[str, ...]
    products: tuple[ProductPoint, ...]
    settings: Settings
    processor: str
    cores: int
    seconds: float
    models: tuple[ModelResult, ...]
    unavailable: tuple[Unavailable, ...]
    comparisons: tuple[Comparison, ...]
    suspects: tuple[Suspect, ...]
    libraries: dict[str, str]
