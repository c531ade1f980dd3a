"""Between the embedding contract and plain Python."""

from clairscore.embedding.v1 import embedding_pb2 as pb

from pipeline.embedding.manifest import ONNX, EmbeddingManifest
from services.embedding.encoder import Embedded
from services.embedding.engine import Answer, EmbeddingEngine
from services.embedding.models import Found
from services.embedding.products.classifier import Neighbour
from services.embedding.products.manifest import ProductManifest


def embedded_response(manifest: EmbeddingManifest, embedded: Embedded) -> pb.EmbedTextsResponse:
    """Vectors as EmbedTexts answers them."""
    return pb.EmbedTextsResponse(
        model=manifest.id,
        dimension=manifest.dimension,
        values=embedded.vectors.ravel().tolist(),
        truncated=embedded.truncated.tolist(),
    )


def block_response(manifest: EmbeddingManifest, embedded: Embedded) -> pb.StreamEmbedResponse:
    """Vectors as StreamEmbed answers a block."""
    return pb.StreamEmbedResponse(
        model=manifest.id,
        dimension=manifest.dimension,
        values=embedded.vectors.ravel().tolist(),
        truncated=embedded.truncated.tolist(),
    )


def classified_response(answer: Answer) -> pb.ClassifyProductsResponse:
    """Categories as they are answered."""
    return pb.ClassifyProductsResponse(
        classifications=[
            pb.Classification(
                label=one.label,
                probability=one.probability,
                confident=one.confident,
                neighbours=[product_message(near) for near in one.neighbours],
                truncated=cut,
            )
            for one, cut in zip(answer.classified, answer.truncated, strict=True)
        ],
        model_version=answer.manifest.version,
        confidence_threshold=answer.manifest.confidence_threshold,
    )


def product_message(product: Neighbour) -> pb.LabelledProduct:
    """A labelled product as it is answered."""
    return pb.LabelledProduct(
        id=product.identifier, text=product.text, label=product.label, similarity=product.similarity
    )


def models_response(engine: EmbeddingEngine) -> pb.ListModelsResponse:
    """What can be asked for."""
    classifier = None if engine.live.version is None else engine.live.engine.manifest
    return pb.ListModelsResponse(
        models=[_model(found) for found in engine.models.found.values()],
        default_model=engine.models.default,
        classifier=None if classifier is None else _classifier(classifier),
        max_texts=engine.max_texts,
    )


def _model(found: Found) -> pb.EmbeddingModel:
    manifest = found.manifest
    return pb.EmbeddingModel(
        id=manifest.id,
        dimension=manifest.dimension,
        max_tokens=manifest.max_tokens,
        pooling=manifest.pooling,
        normalized=manifest.normalized,
        prompts=manifest.prompts,
        source=manifest.source.location,
        revision=manifest.source.revision or "",
        sha256=manifest.files[ONNX],
        bytes=found.bytes,
        mean_cosine=manifest.agreement.mean_cosine,
    )


def _classifier(manifest: ProductManifest) -> pb.ProductClassifier:
    return pb.ProductClassifier(
        version=manifest.version,
        created_at=manifest.created_at,
        labels=manifest.classes,
        embedding_model=manifest.encoder.id,
        confidence_threshold=manifest.confidence_threshold,
        products=manifest.training_data.rows,
        synthetic=manifest.training_data.synthetic,
        metrics=manifest.metrics,
    )
