"""What the monthly statements of the credit bureau tell of each credit with another lender."""

from functools import partial

import ibis

from pipeline.features.family import Computed, Measure, Nested, Wording, number_column
from pipeline.tables.clean import known_categories
from pipeline.tables.layout import Category, Unit, layout

_TABLE = "bureau_balance"
_STATUS = layout()[_TABLE].columns["STATUS"]


def _share_of(category: str, status: ibis.Value) -> ibis.Value:
    return ibis.ifelse(status == category, 1, 0).cast("float64").mean()


def _status(category: Category) -> Computed:
    inside_fr, inside_en = category.label_fr.lower(), category.label_en.lower()
    column = number_column(
        _TABLE,
        f"STATUS_{category.value}_MEAN",
        Unit.SHARE,
        f"Part des mois suivis ({inside_fr})",
        f"Share of months on record ({inside_en})",
    )
    return Computed(column, ("STATUS",), partial(_share_of, category.value))


_STATUS_SHARES = tuple(_status(c) for c in _STATUS.categories if c.value in known_categories(_STATUS))

PER_CREDIT = Nested(
    table=_TABLE,
    key="SK_ID_BUREAU",
    columns=(
        Computed(
            number_column(_TABLE, "MONTHS_BALANCE_MIN", Unit.MONTHS, "Premier mois suivi", "First month on record"),
            ("MONTHS_BALANCE",),
            lambda month: month.min(),
        ),
        Computed(
            number_column(_TABLE, "MONTHS_BALANCE_MAX", Unit.MONTHS, "Dernier mois suivi", "Last month on record"),
            ("MONTHS_BALANCE",),
            lambda month: month.max(),
        ),
        Computed(
            number_column(
                _TABLE, "MONTHS_BALANCE_SIZE", Unit.COUNT, "Nombre de mois suivis", "Number of months on record"
            ),
            ("MONTHS_BALANCE",),
            lambda month: month.count(),
        ),
        *_STATUS_SHARES,
    ),
)

# For every subset of the credits.
MONTHS = (
    Measure("MONTHS_BALANCE_MIN", ("MIN",), Wording.MONTH),
    Measure("MONTHS_BALANCE_MAX", ("MAX",), Wording.MONTH),
    Measure("MONTHS_BALANCE_SIZE", ("MEAN", "SUM"), Wording.MASCULINE),
)
# For all credits together.
STATUSES = tuple(Measure(share.column.name, ("MEAN",), Wording.FEMININE) for share in _STATUS_SHARES)
