"""Choice of a feature: the feature dictionary, searched by label and by name."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from frontend.clients.types import Feature, FeatureDictionary
from frontend.components.search import Search
from frontend.language import Language

_SHOWN = 60


class FeatureSearch(Search):
    """Searches the feature dictionary."""

    def __init__(self, language: Language, **params: Any) -> None:
        super().__init__(
            texts={
                "label": language.gettext("Feature"),
                "list": language.gettext("Features found"),
                "open": language.gettext("Show the list of features"),
                "placeholder": language.gettext("Label or name, for example income"),
            },
            **params,
        )
        self._language = language

    def show_matches(self, query: str, dictionary: FeatureDictionary) -> None:
        """Shows the features that match a query, and how many there are in all."""
        language = self._language
        found = matches(query, dictionary, language)
        options = [{"id": f.name, "name": label_of(f, language), "detail": f.name} for f in found[:_SHOWN]]
        if not found:
            message = language.gettext("No feature contains “{text}”.").format(text=query)
        elif len(found) > _SHOWN:
            message = language.gettext("{shown} of {total} features").format(
                shown=language.format.integer(_SHOWN), total=language.format.integer(len(found))
            )
        else:
            message = language.ngettext("{count} feature", "{count} features", len(found)).format(count=len(found))
        self.results = {"query": query, "options": options, "message": message}


def label_of(feature: Feature, language: Language) -> str:
    """The feature's label, or its name when it has none."""
    return feature.label.of(language.code) or feature.name


def matches(query: str, dictionary: FeatureDictionary, language: Language) -> Sequence[Feature]:
    """The features whose label and name together contain every word of a query, accents and case aside.

    Those whose label or name begins with the query come first, otherwise the order is that of the dictionary.
    """
    words = _plain(query).split()
    whole = " ".join(words)
    texts = {name: (_plain(label_of(feature, language)), _plain(name)) for name, feature in dictionary.features.items()}
    found = [name for name, parts in texts.items() if all(word in " ".join(parts) for word in words)]
    found.sort(key=lambda name: not any(part.startswith(whole) for part in texts[name]))
    return [dictionary.features[name] for name in found]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
