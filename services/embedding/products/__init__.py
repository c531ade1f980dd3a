"""Product classification with numpy alone: what training exports, served."""

from services.embedding.products.classifier import Classified, Neighbour, ProductClassifier

__all__ = ["Classified", "Neighbour", "ProductClassifier"]
