"""The products of a study on a map: colour is a category, a cross a product that the model gets wrong."""

from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import hover, legend_above, plot
from frontend.language import Language
from frontend.study.session import Colour
from pipeline.products.study.document import Map, ModelResult, Study
from pipeline.spreadsheet import csv_bytes

_HEIGHT = 480
_MARGIN = 0.04
NAME = "product-map"


def projection_name(projection: str, language: Language) -> str:
    """The map in words."""
    names = {"pca": language.gettext("PCA"), "tsne": "t-SNE", "umap": "UMAP"}
    return names.get(projection, projection)


def product_map(study: Study, model: ModelResult, found: Map, colour: Colour, language: Language) -> Chart:
    """The map of one model; its table twin lists the products that cross-validation got wrong."""
    _ = language.gettext
    fmt = language.format
    predicted = model.validation.predicted
    wrong = [place for place, product in enumerate(study.products) if product.category != predicted[place]]
    title = _("Map of the products: {model}, {map}").format(
        model=model.name, map=projection_name(found.projection, language)
    )
    summary = _("{wrong} of {products} products are predicted wrongly (cross-validated), marked by crosses.").format(
        wrong=fmt.integer(len(wrong)), products=fmt.integer(len(study.products))
    )
    made = plot(
        name=NAME, title=title, summary=summary, height=_HEIGHT, x_range=_range(found.x), y_range=_range(found.y)
    )
    # Coordinates of such a map mean nothing by themselves.
    made.axis.visible = False
    made.grid.visible = False
    drawn = []
    for place, category in enumerate(study.categories):
        for is_wrong in (False, True):
            rows = [
                row
                for row, product in enumerate(study.products)
                if (product.category if colour is Colour.TRUE else predicted[row]) == place
                and (product.category != predicted[row]) == is_wrong
            ]
            source = ColumnDataSource(
                {
                    "x": [found.x[row] for row in rows],
                    "y": [found.y[row] for row in rows],
                    "name": [study.products[row].name for row in rows],
                    "true": [study.categories[study.products[row].category] for row in rows],
                    "predicted": [study.categories[predicted[row]] for row in rows],
                }
            )
            mark = theme.CATEGORIES[place % len(theme.CATEGORIES)]
            if is_wrong:
                marks = made.scatter("x", "y", marker="x", size=10, line_width=2, color=mark, source=source)
            else:
                marks = made.scatter(
                    "x", "y", marker="circle", size=6, color=mark, fill_alpha=0.7, source=source, legend_label=category
                )
            drawn.append(marks)
    hover(made, drawn, (_("Product"), "@name"), (_("True"), "@true"), (_("Predicted"), "@predicted"))
    legend_above(made, 2)
    table = Table(
        (_("Product"), _("True category"), _("Predicted category")),
        [
            (
                study.products[row].name,
                study.categories[study.products[row].category],
                study.categories[predicted[row]],
            )
            for row in wrong
        ],
    )
    lines = [
        (
            product.identifier,
            product.name,
            study.categories[product.category],
            study.categories[predicted[row]],
            found.x[row],
            found.y[row],
        )
        for row, product in enumerate(study.products)
    ]
    figures = csv_bytes(("product", "name", "category", "predicted", "x", "y"), lines)
    return Chart(NAME, title, summary, made, table, figures)


def _range(values: tuple[float, ...]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = (high - low or 1.0) * _MARGIN
    return low - margin, high + margin
