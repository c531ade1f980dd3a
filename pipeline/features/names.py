"""How the parts of a feature's name are spelled."""

import re

_OUTSIDE = re.compile(r"[^A-Za-z0-9_]+")


def slug(category: str) -> str:
    """Spells a category as part of a name: ``"Spouse, partner"`` gives ``"Spouse_partner"``.

    Runs of characters outside ``[A-Za-z0-9_]`` become one underscore; a trailing underscore is dropped.
    """
    return _OUTSIDE.sub("_", category).removesuffix("_")
