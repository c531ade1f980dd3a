"""The figures of the report: few labels, damaged texts, accuracy against speed, maps of the products."""

import math
from collections.abc import Sequence

from pipeline.card.axis import Axis, axis
from pipeline.card.chart import Chart, Legend, Table
from pipeline.card.rows import Row, plot_rows
from pipeline.card.svg import Plot
from pipeline.card.texts import Texts
from pipeline.products.study.document import Map, ModelResult, Study

_STYLES = 7


def few_shot(study: Study, t: Texts) -> Chart:
    """Accuracy by the number of labelled products, one line a model."""
    title, percent = t("few_shot.title"), t.numerals.percent
    numbers = sorted({found.per_category for model in study.models for found in model.few_shot}) or [1]
    scores = [found.accuracy.value for model in study.models for found in model.few_shot] or [0.0, 1.0]
    plot = Plot(
        _logarithmic(numbers, t("few_shot.x"), t, numbers), axis(scores, t("term.accuracy"), t.numerals.percent_tick)
    )
    for place, model in enumerate(study.models):
        xs = [math.log10(found.per_category) for found in model.few_shot]
        ys = [found.accuracy.value for found in model.few_shot]
        plot.line(xs, ys, f"s{place % _STYLES}")
        plot.points(xs, ys, f"c{place % _STYLES}")
    rows = [
        [model.name, *(t.numerals.estimate(found.accuracy, percent) for found in model.few_shot)]
        for model in study.models
    ]
    header = [t("term.model"), *(t("few_shot.per_category", number=t.numerals.count(number)) for number in numbers)]
    return Chart(title, t("few_shot.summary"), plot.render(title), Table(title, header, rows), _legend(study))


def robustness(study: Study, t: Texts) -> Chart:
    """Accuracy of every model under every condition of the texts."""
    title, percent = t("robustness.title"), t.numerals.percent
    found = [(place, model, one) for place, model in enumerate(study.models) for one in model.robustness]
    scale = axis([one.accuracy.low for _, _, one in found] + [1.0], t("term.accuracy"), t.numerals.percent_tick)
    drawing = plot_rows(
        [
            Row(
                f"{model.name}, {t(f'robustness.{one.condition}')}",
                percent(one.accuracy.value),
                one.accuracy.value,
                one.accuracy,
                f"c{place % _STYLES}",
            )
            for place, model, one in found
        ],
        scale,
        title,
        bars=False,
    )
    conditions = [one.condition for one in study.models[0].robustness]
    table = Table(
        title,
        [t("term.model"), *(t(f"robustness.{name}") for name in conditions)],
        [
            [model.name, *(t.numerals.estimate(one.accuracy, percent) for one in model.robustness)]
            for model in study.models
        ],
    )
    return Chart(title, t("robustness.summary"), drawing, table, _legend(study))


def speed(study: Study, t: Texts) -> Chart:
    """Cross-validated accuracy against documents per second."""
    title = t("speed.title")
    speeds = [model.speed.documents_per_second for model in study.models]
    first, last = math.floor(math.log10(min(speeds))), math.ceil(math.log10(max(speeds)) + 1e-9)
    ticks = [10**power for power in range(first, max(last, first + 1) + 1)]
    accuracies = [model.validation.accuracy for model in study.models]
    plot = Plot(
        _logarithmic(ticks, t("speed.x"), t, ticks),
        axis(
            [limit for one in accuracies for limit in (one.low, one.high)], t("term.accuracy"), t.numerals.percent_tick
        ),
    )
    for place, (model, one) in enumerate(zip(study.models, accuracies, strict=True)):
        at = math.log10(model.speed.documents_per_second)
        plot.spans([at], [one.low], [one.high], f"s{place % _STYLES}")
        plot.points([at], [one.value], f"c{place % _STYLES}")
    rows = [
        [
            model.name,
            t.numerals.count(model.speed.documents_per_second),
            t.numerals.estimate(model.validation.accuracy, t.numerals.percent),
        ]
        for model in study.models
    ]
    header = [t("term.model"), t("speed.documents"), t("term.accuracy")]
    return Chart(title, t("speed.chart"), plot.render(title), Table(title, header, rows), _legend(study))


def product_map(study: Study, model: ModelResult, found: Map, errors: Table, t: Texts) -> Chart:
    """Where the products lie: colour is the true category, a cross a product that is predicted wrongly."""
    title = f"{t(f'maps.{found.projection}')} – {model.name}"
    plot = Plot(axis(found.x, t("maps.x"), _unwritten), axis(found.y, t("maps.y"), _unwritten))
    right: list[tuple[float, float, str, str]] = []
    wrong: list[tuple[float, float, str, str]] = []
    for x, y, product, predicted in zip(found.x, found.y, study.products, model.validation.predicted, strict=True):
        is_right = product.category == predicted
        name = f"{product.name} – {study.categories[product.category]}"
        if not is_right:
            name += f" → {study.categories[predicted]}"
        (right if is_right else wrong).append((x, y, f"c{product.category % _STYLES}", name))
    plot.named_points(right)
    plot.named_points(wrong, crosses=True)
    summary = t("maps.summary", wrong=t.numerals.count(len(wrong)), products=t.numerals.count(len(study.products)))
    return Chart(title, summary, plot.render(f"{title}. {summary}"), errors)


def _unwritten(_value: float, _places: int) -> str:
    """Coordinates of a map have no meaning of their own."""
    return ""


def _logarithmic(values: Sequence[float], title: str, t: Texts, ticks: Sequence[float]) -> Axis:
    low, high = math.log10(min(values)), math.log10(max(values))
    return Axis(
        low,
        high if high > low else low + 1,
        title,
        tuple(math.log10(tick) for tick in ticks),
        lambda value: t.numerals.count(10**value),
    )


def _legend(study: Study) -> list[Legend]:
    return [Legend(f"c{place % _STYLES}", model.name) for place, model in enumerate(study.models)]
