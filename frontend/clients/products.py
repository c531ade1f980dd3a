"""Client of the embedding service, as far as it is about products."""

from collections.abc import Sequence
from dataclasses import dataclass

from clairscore.embedding.v1 import embedding_pb2 as pb
from clairscore.embedding.v1.embedding_pb2_grpc import EmbeddingServiceStub

from pipeline.products.study.document import Study
from services.common.client import Connection, call
from services.common.errors import FailedPrecondition


@dataclass(frozen=True, slots=True)
class Classifier:
    """The live classifier; ``accuracy`` is cross-validated (0..1), None where training did not say it.

    Below ``threshold`` (a probability, 0..1) the answer is "don't know".
    """

    version: str
    created_at: str
    labels: Sequence[str]
    products: int
    synthetic: bool
    threshold: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class LabelledProduct:
    """A product of the training file; ``similarity`` is the cosine with the product asked about (-1..1)."""

    text: str
    label: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Classified:
    """A product's most probable category and how probable it is (0..1); ``truncated``: its end was not read."""

    label: str
    probability: float
    confident: bool
    truncated: bool
    neighbours: Sequence[LabelledProduct]


class ProductsClient:
    """Asks the embedding service; one for the whole process. Every method raises ``ClairscoreError``."""

    def __init__(self, address: str, deadline: float, work_deadline: float) -> None:
        self._connection = Connection(address, EmbeddingServiceStub)
        self._deadline = deadline
        self._work_deadline = work_deadline

    async def classifier(self) -> Classifier:
        """The live classifier. Raises FailedPrecondition when none is published."""
        response = await call(self._connection.stub.ListModels, pb.ListModelsRequest(), deadline=self._deadline)
        if not response.HasField("classifier"):
            raise FailedPrecondition("no product classifier is published")
        found = response.classifier
        return Classifier(
            version=found.version,
            created_at=found.created_at,
            labels=tuple(found.labels),
            products=found.products,
            synthetic=found.synthetic,
            threshold=found.confidence_threshold,
            accuracy=found.metrics.get("accuracy"),
        )

    async def study(self) -> Study:
        """The published comparison of text models. Raises FailedPrecondition when none is published."""
        response = await call(self._connection.stub.GetStudy, pb.GetStudyRequest(), deadline=self._deadline)
        return Study.model_validate_json(response.json)

    async def classify(self, texts: Sequence[str], version: str) -> tuple[Sequence[Classified], str]:
        """Categories in the order of the texts, and the version that answered; an empty ``version`` is any.

        Raises FailedPrecondition when no classifier is live, or another version is.
        """
        request = pb.ClassifyProductsRequest(texts=texts, model_version=version)
        response = await call(self._connection.stub.ClassifyProducts, request, deadline=self._work_deadline)
        return tuple(_classified(one) for one in response.classifications), response.model_version


def _classified(message: pb.Classification) -> Classified:
    near = (LabelledProduct(one.text, one.label, one.similarity) for one in message.neighbours)
    return Classified(message.label, message.probability, message.confident, message.truncated, tuple(near))
