"""The study's figures as tables: accuracy and clusters of all models, report and confusion of one, doubtful labels."""

from frontend.charts.estimates import interval_text
from frontend.charts.product_map import projection_name
from frontend.components.outcome_table import card_html, note_html, table_html
from frontend.language import Language
from pipeline.evaluation.result import Interval
from pipeline.products.study.document import PUBLISHED, Clusters, ModelResult, Study

_DIGITS = 2


def quality_html(study: Study, language: Language) -> str:
    """Accuracy by the study's protocol, beside what was published, and cross-validated; models that are missing."""
    _ = language.gettext
    percent = language.format.percent
    header = (
        _("Model"),
        _("Accuracy, study's protocol"),
        _("Published"),
        _("ARI, study's protocol"),
        _("Published ARI"),
        _("Cross-validated accuracy"),
        _("Best ARI of groups"),
        _("Found in"),
    )
    rows = []
    for model in study.models:
        accuracy, ari = PUBLISHED.get(model.name, (None, None))
        best = model.best_clusters
        rows.append(
            (
                model.name,
                percent(model.protocol.accuracy, _DIGITS),
                "–" if accuracy is None else percent(accuracy, 0),
                _figure(model.protocol.ari, language),
                "–" if ari is None else _figure(ari, language),
                interval_text(model.validation.accuracy, language),
                _spread(best.ari, language),
                _way(best, language),
            )
        )
    missing = [
        note_html(
            _("{model} was not measured: it cannot be had here. What gets it: {command}").format(
                model=one.name, command=one.command
            )
            if one.command
            else _("{model} was not measured: {reason}").format(model=one.name, reason=one.reason)
        )
        for one in study.unavailable
    ]
    published = ", ".join(f"{name} {percent(a, 0)}, ARI {_figure(b, language)}" for name, (a, b) in PUBLISHED.items())
    protocol = _("The study's protocol is one split of 80% and 20%, and one t-SNE map. Published figures: {figures}.")
    folds = _("Cross-validation: {folds} folds, {repeats} repeats; intervals of 95%.").format(
        folds=study.settings.folds, repeats=study.settings.repeats
    )
    return card_html(
        _("Models compared"),
        "quality",
        table_html(header, rows, _table(_("Models compared"), language)),
        note_html(f"{protocol.format(figures=published)} {folds}"),
        *missing,
    )


def comparisons_html(study: Study, language: Language) -> str:
    """Paired differences of accuracy between the models; empty where there is one model."""
    _ = language.gettext
    rows = [
        (
            f"{one.one} – {one.other}",
            interval_text(one.difference, language),
            f"<\u00a0{language.format.fixed(0.001, 3)}" if one.p < 0.001 else language.format.fixed(one.p, 3),
        )
        for one in study.comparisons
    ]
    if not rows:
        return ""
    return card_html(
        _("Differences between models"),
        "differences",
        table_html(
            (_("Models"), _("Difference of accuracy"), "p"), rows, _table(_("Differences between models"), language)
        ),
        note_html(_("On the same folds, by the corrected resampled t-test of Nadeau and Bengio.")),
    )


def clusters_html(study: Study, model: ModelResult, language: Language) -> str:
    """How well groups that are found without labels agree with the categories, by every way to find them."""
    _ = language.gettext
    rows = [
        (
            _way(one, language),
            _spread(one.ari, language),
            _spread(one.nmi, language),
            _spread(one.silhouette, language),
        )
        for one in sorted(model.clusters, key=lambda one: -one.ari.value)
    ]
    note = _(
        "Median of {seeds} seeds, least to greatest in brackets; the mean vector is that of name, description and "
        "both. The best of {count} ways is picked by the categories themselves: its figure is a little better than on "
        "other products."
    )
    return card_html(
        _("Groups found without labels: {model}").format(model=model.name),
        "clusters",
        table_html(
            (_("Texts, space, method"), "ARI", "NMI", _("Silhouette")),
            rows,
            _table(_("Groups found without labels"), language),
        ),
        note_html(note.format(seeds=study.settings.seeds, count=len(rows))),
    )


def report_html(model: ModelResult, language: Language) -> str:
    """The classification report of the study's protocol."""
    _ = language.gettext
    percent = language.format.percent
    rows = [
        (
            one.category,
            percent(one.precision),
            percent(one.recall),
            percent(one.f1),
            language.format.integer(one.support),
        )
        for one in model.protocol.report
    ]
    header = (_("Category"), _("Precision"), _("Recall"), "F1", _("Products"))
    return card_html(
        _("Classification report: {model}").format(model=model.name),
        "report",
        table_html(header, rows, _table(_("Classification report"), language)),
        note_html(
            _("The {count} test products of the study's protocol.").format(
                count=language.format.integer(model.protocol.test_rows)
            )
        ),
    )


def confusion_html(study: Study, model: ModelResult, language: Language) -> str:
    """Which categories are taken for which, cross-validated."""
    _ = language.gettext
    rows = [
        (name, *(language.format.integer(number) for number in row))
        for name, row in zip(study.categories, model.validation.confusion, strict=True)
    ]
    return card_html(
        _("Confusion matrix: {model}").format(model=model.name),
        "confusion",
        table_html((_("True ↓ predicted →"), *study.categories), rows, _table(_("Confusion matrix"), language)),
        note_html(_("Number of products, cross-validated.")),
    )


def robustness_html(study: Study, language: Language) -> str:
    """Accuracy when texts change, and with few labelled products."""
    _ = language.gettext
    names = {
        "description": _("Description"),
        "typos": _("With typing errors"),
        "truncated": _("First 20 words"),
        "name": _("Name only"),
        "both": _("Name and description"),
    }
    percent = language.format.percent
    conditions = [one.condition for one in study.models[0].robustness]
    numbers = sorted({one.per_category for model in study.models for one in model.few_shot})
    rows = [
        (
            model.name,
            *(percent(one.accuracy.value) for one in model.robustness),
            *(percent(one.accuracy.value) for one in model.few_shot),
        )
        for model in study.models
    ]
    labelled = [_("{number} labelled").format(number=language.format.integer(number)) for number in numbers]
    return card_html(
        _("Damaged texts, few labels"),
        "robustness",
        table_html(
            (_("Model"), *(names[one] for one in conditions), *labelled),
            rows,
            _table(_("Damaged texts, few labels"), language),
        ),
        note_html(_("Accuracy. The last columns learn from so many products of each category.")),
    )


def suspects_html(study: Study, language: Language) -> str:
    """Labels of the products file that look wrong."""
    _ = language.gettext
    if not study.suspects:
        return card_html(_("Labels that look wrong"), "suspects", note_html(_("None was found.")))
    rows = [
        (one.name, one.given, one.suggested, language.format.percent(one.probability_suggested, 0))
        for one in study.suspects
    ]
    header = (_("Product"), _("In the file"), _("More likely"), _("Probability"))
    return card_html(
        _("Labels that look wrong"), "suspects", table_html(header, rows, _table(_("Labels that look wrong"), language))
    )


def _way(one: Clusters, language: Language) -> str:
    """A way to find groups, in words: texts, space, method."""
    _ = language.gettext
    fields = {
        "description": _("description"),
        "both": _("name and description"),
        "mean": _("mean vector"),
    }[one.fields]
    space = _("vectors") if one.space == "raw" else projection_name(one.space, language)
    # In a table its name stays on one line.
    method = {"k-means": _("k-means").replace("-", "\u2011"), "ward": "Ward"}[one.method]
    return f"{fields}, {space}, {method}"


def _table(title: str, language: Language) -> str:
    """The name of a table's region, which must differ from that of its card."""
    return language.gettext("{title}, as a table").format(title=title)


def _figure(value: float, language: Language) -> str:
    return language.format.fixed(value, 4)


def _spread(found: Interval, language: Language) -> str:
    middle, low, high = (language.format.fixed(value, 3) for value in (found.value, found.low, found.high))
    text = language.gettext("{middle} ({low} to {high})").format(middle=middle, low=low, high=high)
    # On one line.
    return text.replace(" ", "\u00a0")
