"""The model card that lies beside a model: as pages to read, and as the document they are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.model.manifest import CARD, CARD_PAGES


@dataclass(frozen=True, slots=True)
class Card:
    """A model card: an HTML page by language ("fr", "en"), and the JSON document; UTF-8."""

    pages: Mapping[str, bytes]
    document: bytes


def load(folder: Path) -> Card | None:
    """Reads the card of a model folder; None: it has none, as that of an earlier version of Clairscore."""
    try:
        pages = {language: (folder / name).read_bytes() for language, name in CARD_PAGES.items()}
        return Card(pages, (folder / CARD).read_bytes())
    except FileNotFoundError:
        return None
