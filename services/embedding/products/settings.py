"""Where product classifiers and the study are published."""

from pathlib import Path

from services.common.settings import Settings


class ProductSettings(Settings):
    """Read by the embedding service and by the commands that publish."""

    # Registry of the product classifiers (a folder or a URL), whose live version is followed; or the folder of one.
    products_dir: str = "var/products"
    # Copies of the versions of a registry that is not on this machine; may be emptied at any time.
    cache_dir: Path = Path("var/cache")
    # The study that the dashboard shows.
    study_dir: Path = Path("var/study")
