"""All that explains one model."""

from functools import cached_property
from pathlib import Path
from typing import Self

from pipeline.model.manifest import Manifest
from services.explain.explainer import Explainer
from services.explain.interaction.interaction import Interactions


class ExplainEngine:
    """One model's explainer, and what is prepared for it. Safe to call from several threads at once."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Self:
        """Verifies a model folder and prepares to explain its model; takes some seconds.

        Raises:
            Misconfigured: a file is missing, changed or foreign; names it.
        """
        return cls(Explainer.load(folder, threads=threads))

    @property
    def manifest(self) -> Manifest:
        """The manifest of the model that is explained."""
        return self.explainer.manifest

    @cached_property
    def interactions(self) -> Interactions:
        """Prepared when it is first asked for: that takes some seconds."""
        return Interactions(self.explainer)
