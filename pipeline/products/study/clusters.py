"""Groups that are found without labels, by several pipelines, beside the categories; and the maps."""

import warnings
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score
from sklearn.preprocessing import normalize

from pipeline.products.study.accuracy import tsne
from pipeline.products.study.document import Clusters, Fields, Map, Method, Projection
from pipeline.products.study.resampling import seeds_interval

Points = npt.NDArray[np.floating]
Labels = npt.NDArray[np.str_]
Told = Callable[[float], None]

# A pipeline is one of the fields, one of the spaces and one of the methods.
SPACES: tuple[Projection, ...] = ("raw", "pca", "tsne", "umap")
_METHODS: Mapping[Method, Callable[[Points, int, int], npt.NDArray[np.int_]]] = {
    "k-means": lambda points, number, seed: KMeans(number, n_init=10, random_state=seed).fit_predict(points),
    "ward": lambda points, number, _seed: AgglomerativeClustering(number).fit_predict(points),
}
_PCA_DIMENSIONS = 50
# Clusters need more dimensions than a map, and neighbourhoods as large as a good part of a category.
_UMAP_DIMENSIONS, _UMAP_NEIGHBOURS = 10, 30


def clusters(
    vectors: Points, labels: Labels, fields: Fields, space: Projection, seeds: int, told: Told
) -> tuple[Clusters, ...]:
    """As many groups as categories, by each method in one space, over several seeds of space and method.

    Args:
        vectors: shape (n, d).
        labels: categories, shape (n,); used to compare with, never to find the groups.
        fields: what the vectors were made of.
        space: where the groups are looked for.
        seeds: how many seeds.
        told: hears of the share done.
    """
    number = len(np.unique(labels))
    silhouettes: list[float] = []
    found: dict[Method, list[npt.NDArray[np.int_]]] = {method: [] for method in _METHODS}
    for seed in range(seeds):
        points = _space(vectors, space, seed)
        silhouettes.append(float(silhouette_score(points, labels)))
        for method, group in _METHODS.items():
            found[method].append(group(points, number, seed))
        told((seed + 1) / seeds)
    return tuple(
        Clusters(
            fields=fields,
            space=space,
            method=method,
            ari=seeds_interval([adjusted_rand_score(labels, groups) for groups in several]),
            nmi=seeds_interval([normalized_mutual_info_score(labels, groups) for groups in several]),
            silhouette=seeds_interval(silhouettes),
        )
        for method, several in found.items()
    )


def maps(vectors: Points, told: Told) -> tuple[Map, ...]:
    """The maps of the first seed: PCA, t-SNE and UMAP, two dimensions each, coordinates rounded to four digits."""
    made: list[Map] = []
    makers: tuple[tuple[Projection, Callable[[], Points]], ...] = (
        ("pca", lambda: PCA(2, random_state=0).fit_transform(vectors)),
        ("tsne", lambda: tsne(vectors, 42)),
        ("umap", lambda: _umap(vectors, 2, 15, 0.1, 0)),
    )
    for name, make in makers:
        points = make()
        x, y = (tuple(float(f"{value:.4g}") for value in points[:, axis]) for axis in (0, 1))
        made.append(Map(projection=name, x=x, y=y))
        told(len(made) / len(makers))
    return tuple(made)


def _space(vectors: Points, space: Projection, seed: int) -> Points:
    match space:
        case "raw":
            scaled: Points = normalize(vectors)
            return scaled
        case "pca":
            reduced: Points = PCA(min(_PCA_DIMENSIONS, *vectors.shape), random_state=0).fit_transform(vectors)
            return reduced
        case "tsne":
            return tsne(vectors, seed)
        case "umap":
            return _umap(vectors, _UMAP_DIMENSIONS, _UMAP_NEIGHBOURS, 0.0, seed)


def _umap(vectors: Points, dimensions: int, neighbours: int, distance: float, seed: int) -> Points:
    from umap import UMAP  # noqa: PLC0415 - compiles for seconds

    model = UMAP(
        n_components=min(dimensions, len(vectors) - 2),
        n_neighbors=min(neighbours, len(vectors) - 1),
        min_dist=distance,
        metric="cosine",
        random_state=seed,
        n_jobs=1,
    )
    with warnings.catch_warnings():
        # Few products: its spectral start falls back to a random one, and says so.
        warnings.simplefilter("ignore")
        points: Points = model.fit_transform(vectors)
    return points
