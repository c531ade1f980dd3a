"""The scripts and style sheets that every page loads, looked up once instead of for every page.

Panel walks through all its component classes for each page, which takes as long as building the page.
"""

from collections.abc import Callable
from typing import Any

from bokeh.model import Model
from panel.io import server
from panel.io.state import state


def remember_bundles() -> None:
    """Makes Panel's server keep what it has found, until a component is used for the first time that has files too."""
    server.bundle_resources = _remembered(server.bundle_resources)  # type: ignore[attr-defined]


def _remembered(find: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[object, Any] = {}

    def remembered(roots: Any, resources: Any) -> Any:
        key = (resources.mode, resources.root_url, state.rel_path, len(Model.model_class_reverse_map))
        if key not in kept:
            kept[key] = find(roots, resources)
        return kept[key]

    return remembered
