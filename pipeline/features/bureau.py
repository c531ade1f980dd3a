"""Features of the credits that other lenders reported to the credit bureau."""

from pipeline.features.bureau_balance import MONTHS, PER_CREDIT, STATUSES
from pipeline.features.family import Family, Measure, Subset, Wording

_MEASURES = (
    Measure("DAYS_CREDIT", ("MIN", "MAX", "MEAN", "VAR"), Wording.DATE),
    Measure("DAYS_CREDIT_ENDDATE", ("MIN", "MAX", "MEAN"), Wording.DATE),
    Measure("DAYS_CREDIT_UPDATE", ("MEAN",), Wording.DATE),
    Measure("CREDIT_DAY_OVERDUE", ("MAX", "MEAN"), Wording.MASCULINE),
    Measure("AMT_CREDIT_MAX_OVERDUE", ("MEAN",), Wording.MASCULINE),
    Measure("AMT_CREDIT_SUM", ("MAX", "MEAN", "SUM"), Wording.MASCULINE),
    Measure("AMT_CREDIT_SUM_DEBT", ("MAX", "MEAN", "SUM"), Wording.MASCULINE),
    Measure("AMT_CREDIT_SUM_OVERDUE", ("MEAN",), Wording.MASCULINE),
    Measure("AMT_CREDIT_SUM_LIMIT", ("MEAN", "SUM"), Wording.MASCULINE),
    Measure("AMT_ANNUITY", ("MAX", "MEAN"), Wording.FEMININE),
    Measure("CNT_CREDIT_PROLONG", ("SUM",), Wording.MASCULINE),
    *MONTHS,
)

FAMILY = Family(
    table="bureau",
    dated_by="DAYS_CREDIT",
    nested=PER_CREDIT,
    subsets=(
        Subset(
            "BURO",
            "crédits dans d'autres établissements",
            "loans with other lenders",
            editable=False,
            measures=(*_MEASURES, *STATUSES),
        ),
        Subset(
            "ACTIVE",
            "crédits en cours dans d'autres établissements",
            "open loans with other lenders",
            editable=True,
            measures=_MEASURES,
            where=lambda credit: credit.CREDIT_ACTIVE == "Active",
        ),
        Subset(
            "CLOSED",
            "crédits clôturés dans d'autres établissements",
            "closed loans with other lenders",
            editable=False,
            measures=_MEASURES,
            where=lambda credit: credit.CREDIT_ACTIVE == "Closed",
        ),
    ),
)
