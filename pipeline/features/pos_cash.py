"""Features of the monthly statements of the client's earlier consumer and cash loans with us.

``MONTHS_BALANCE_SIZE`` of the public recipe is not made: it is ``POS_COUNT``.
"""

from pipeline.features.family import Family, Measure, Subset, Wording

FAMILY = Family(
    table="POS_CASH_balance",
    dated_by="MONTHS_BALANCE",
    subsets=(
        Subset(
            "POS",
            "relevés mensuels de prêts précédents",
            "monthly statements of previous loans",
            editable=False,
            measures=(
                Measure("MONTHS_BALANCE", ("MAX", "MEAN"), Wording.MONTH),
                Measure("SK_DPD", ("MAX", "MEAN"), Wording.MASCULINE),
                Measure("SK_DPD_DEF", ("MAX", "MEAN"), Wording.MASCULINE),
            ),
        ),
    ),
)
