"""Features of the credits that other lenders reported to the credit bureau."""

import ibis

from pipeline.features.aggregate import Family, Measure, Subset, Wording, aggregate

FAMILY = Family(
    table="bureau",
    dated_by="DAYS_CREDIT",
    subsets=(
        Subset("BURO", "crédits dans d'autres établissements", "loans with other lenders", editable=False),
        Subset(
            "ACTIVE",
            "crédits en cours dans d'autres établissements",
            "open loans with other lenders",
            editable=True,
            column="CREDIT_ACTIVE",
            category="Active",
        ),
        Subset(
            "CLOSED",
            "crédits clôturés dans d'autres établissements",
            "closed loans with other lenders",
            editable=False,
            column="CREDIT_ACTIVE",
            category="Closed",
        ),
    ),
    measures=(
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
    ),
    shares_editable=False,
)


def bureau(table: ibis.Table) -> ibis.Table:
    """One row per client that the credit bureau knows: BURO_ (all credits), ACTIVE_ and CLOSED_ features."""
    return aggregate(table, FAMILY)
