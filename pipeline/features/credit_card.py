"""Features of the monthly statements of the client's credit cards with us.

The public recipe also makes minimum, maximum, sum and variance of the indicator of each contract status. They are not
made: all follow from the share and the count.
"""

from pipeline.features.dictionary import Aggregation
from pipeline.features.family import Family, Measure, Subset, Wording
from pipeline.tables.layout import ColumnType, layout

_TABLE = "credit_card_balance"
_ALL: tuple[Aggregation, ...] = ("MIN", "MAX", "MEAN", "SUM", "VAR")
_WORDINGS = {"MONTHS_BALANCE": Wording.MONTH, "AMT_INST_MIN_REGULARITY": Wording.FEMININE}

FAMILY = Family(
    table=_TABLE,
    dated_by="MONTHS_BALANCE",
    subsets=(
        Subset(
            "CC",
            "relevés mensuels de cartes de crédit",
            "monthly credit card statements",
            editable=False,
            measures=tuple(
                Measure(column.name, _ALL, _WORDINGS.get(column.name, Wording.MASCULINE))
                for column in layout()[_TABLE].columns.values()
                if column.type in (ColumnType.INTEGER, ColumnType.NUMBER)
            ),
        ),
    ),
)
