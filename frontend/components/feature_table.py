"""The feature dictionary as a table that is searched: what each feature is, where it comes from, who may change it."""

from collections.abc import Sequence
from pathlib import Path

import param

from frontend.clients.types import Feature, FeatureDictionary
from frontend.components.base import Component, styles
from frontend.components.feature_entry import DICTIONARY, range_text, source, unit_name
from frontend.components.feature_search import label_of, matches
from frontend.components.navigation import address
from frontend.language import Language


class FeatureTable(Component):
    """Tells "look" with a text: nothing when the table was closed, else ``*`` and what is searched for."""

    open = param.Boolean(False)
    query = param.String()
    rows = param.List([], doc="Name, label, address, then the cells of each feature")
    said = param.String(doc="How many features these are")
    file = param.String(doc="Address of all features as a file")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("feature_table.js")
    _stylesheets = styles("feature_table")

    def __init__(self, language: Language) -> None:
        _ = language.gettext
        title = _("Dictionary of the features")
        super().__init__(
            file=address(DICTIONARY, {"lang": language.code}),
            texts={
                "title": title,
                "region": _("{title}, as a table").format(title=title),
                "open": _("Show all features"),
                "query": _("Search in the dictionary"),
                "download": _("Download:"),
                "header": [
                    _("Feature"),
                    _("Unit"),
                    _("Source"),
                    _("Range"),
                    _("Without a value"),
                    _("Who may change it"),
                ],
            },
        )
        self._language = language
        self._shown: tuple[str | None, str, str] | None = None

    def display(self, looked_up: str | None, dictionary: FeatureDictionary | None, client: str) -> None:
        """Shows the features that contain a text, each with the link that opens it; None: the table is closed."""
        if dictionary is None:
            return
        shown = (looked_up, dictionary.contract, client)
        if shown == self._shown:
            return
        self._shown = shown
        language = self._language
        found = [] if looked_up is None else matches(looked_up, dictionary, language)
        count = language.format.integer(len(found))
        self.param.update(
            open=looked_up is not None,
            query=looked_up or "",
            rows=[[one.name, label_of(one, language), self._link(one, client), *cells(one, language)] for one in found],
            said=language.ngettext("{count} feature", "{count} features", len(found)).format(count=count)
            if found
            else language.gettext("No feature contains “{text}”.").format(text=looked_up or ""),
        )

    def _link(self, feature: Feature, client: str) -> str:
        return address("/variables", {"variable": feature.name, "client": client, "lang": self._language.code})


def cells(feature: Feature, language: Language) -> Sequence[str]:
    """Unit, source, range, share without a value, and who may change it."""
    _ = language.gettext
    roles = [
        (feature.editable, _("the officer")),
        (feature.actionable, _("the customer")),
    ]
    named = [name for holds, name in roles if holds]
    text = _(" and ").join(named) or _("nobody")
    return (
        unit_name(feature.unit, language) or "–",
        source(feature, language),
        range_text(feature, language) or "–",
        language.format.percent(feature.missing_rate),
        _("{who}; protected by law").format(who=text) if feature.protected else text,
    )
