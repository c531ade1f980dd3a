"""What is said beside the map: figures of the groups, correlations, zones of high risk."""

from markupsafe import Markup

from frontend.analysis.correlation import Correlation
from frontend.analysis.plane import Plane
from frontend.charts.plane_axis import PlaneAxis
from frontend.charts.zones import lettered, zone_text
from frontend.clients.explanations import Cohort
from frontend.components.feature_search import label_of
from frontend.components.outcome_table import card_html, list_html, note_html, outcomes_html
from frontend.cross_session import CrossView
from frontend.language import Language
from frontend.remote import Ready, Remote

_HEADING = Markup("<h3>{}</h3>")


def figures_html(view: CrossView, plane: Plane, axes: tuple[PlaneAxis, PlaneAxis], language: Language) -> str:
    """The card beside the map."""
    _ = language.gettext
    everyone = _("Whole portfolio") if view.cohort == Cohort() else _("These clients")
    groups = [(everyone, plane.cohort), (_("Part shown"), plane.shown)]
    if isinstance(view.selection, Ready):
        groups.append((_("Part selected"), view.selection.value))
    note = _("Default rate observed among the clients whose outcome is known, with its 95 % interval.")
    if view.box is None:
        note += " " + _("Draw a box on the map to see the figures of a part.")
    return card_html(
        _("Figures"),
        "figures",
        outcomes_html(groups, language),
        note_html(note),
        _HEADING.format(_("Zones of high risk")),
        _zones(plane, axes, language),
        _HEADING.format(_("Correlation with the probability of repayment")),
        list_html(
            [
                _correlation_text(label_of(axis.feature, language), found, language)
                for axis, found in zip(axes, (view.correlation_x, view.correlation_y), strict=True)
            ]
        ),
    )


def _zones(plane: Plane, axes: tuple[PlaneAxis, PlaneAxis], language: Language) -> Markup:
    texts = [zone_text(letter, cell, *axes, language) for letter, cell in lettered(plane)]
    return (
        list_html(texts) if texts else note_html(language.gettext("No part stands out from the others beyond chance."))
    )


def _correlation_text(label: str, remote: Remote[Correlation], language: Language) -> str:
    _ = language.gettext
    if not isinstance(remote, Ready):
        return _("{feature}: being computed…").format(feature=label)
    found, signed = remote.value, language.format.signed
    if found.ratio is not None:
        share = language.format.percent(found.ratio)
        return _("{feature}: {share} of the score’s variance lies between its categories (correlation ratio).").format(
            feature=label, share=share
        )
    if found.spearman is None or found.pearson is None:
        return _("{feature}: none, all values or all scores are the same.").format(feature=label)
    return _("{feature}: {spearman} by ranks (Spearman), {pearson} linear (Pearson).").format(
        feature=label, spearman=signed(round(found.spearman, 2)), pearson=signed(round(found.pearson, 2))
    )
