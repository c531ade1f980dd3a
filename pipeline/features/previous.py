"""Features of the client's previous applications with us."""

import ibis

from pipeline.features.aggregate import Computed, Family, Measure, Subset, Wording, aggregate, ratio_column

_TABLE = "previous_application"

FAMILY = Family(
    table=_TABLE,
    dated_by="DAYS_DECISION",
    subsets=(
        Subset("PREV", "demandes précédentes", "previous applications", editable=False),
        Subset(
            "APPROVED",
            "demandes précédentes acceptées",
            "approved previous applications",
            editable=True,
            column="NAME_CONTRACT_STATUS",
            category="Approved",
        ),
        Subset(
            "REFUSED",
            "demandes précédentes refusées",
            "refused previous applications",
            editable=False,
            column="NAME_CONTRACT_STATUS",
            category="Refused",
        ),
    ),
    measures=(
        Measure("AMT_ANNUITY", ("MIN", "MAX", "MEAN"), Wording.FEMININE),
        Measure("AMT_APPLICATION", ("MIN", "MAX", "MEAN"), Wording.MASCULINE),
        Measure("AMT_CREDIT", ("MIN", "MAX", "MEAN"), Wording.MASCULINE),
        Measure("APP_CREDIT_PERC", ("MIN", "MAX", "MEAN", "VAR"), Wording.MASCULINE),
        Measure("AMT_DOWN_PAYMENT", ("MIN", "MAX", "MEAN"), Wording.MASCULINE),
        Measure("AMT_GOODS_PRICE", ("MIN", "MAX", "MEAN"), Wording.MASCULINE),
        Measure("HOUR_APPR_PROCESS_START", ("MIN", "MAX", "MEAN"), Wording.FEMININE),
        Measure("RATE_DOWN_PAYMENT", ("MIN", "MAX", "MEAN"), Wording.FEMININE),
        Measure("DAYS_DECISION", ("MIN", "MAX", "MEAN"), Wording.DATE),
        Measure("CNT_PAYMENT", ("MEAN", "SUM"), Wording.FEMININE),
    ),
    shares_editable=True,
    computed=(
        Computed(
            ratio_column(
                _TABLE,
                "APP_CREDIT_PERC",
                "Rapport entre montant demandé et montant accordé",
                "Ratio of amount asked for to amount granted",
            ),
            numerator="AMT_APPLICATION",
            denominator="AMT_CREDIT",
        ),
    ),
)


def previous(table: ibis.Table) -> ibis.Table:
    """One row per client who applied before: PREV_ (all applications), APPROVED_ and REFUSED_ features."""
    return aggregate(table, FAMILY)
