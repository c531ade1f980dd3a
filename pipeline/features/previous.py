"""Features of the client's earlier applications with us."""

from pipeline.features.family import Computed, Family, Measure, Subset, Wording, number_column
from pipeline.features.ratio import ratio
from pipeline.tables.layout import Unit

_TABLE = "previous_application"

_MEASURES = (
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
)

FAMILY = Family(
    table=_TABLE,
    dated_by="DAYS_DECISION",
    subsets=(
        Subset(
            "PREV",
            "demandes précédentes",
            "previous applications",
            editable=False,
            measures=_MEASURES,
        ),
        Subset(
            "APPROVED",
            "demandes précédentes acceptées",
            "approved previous applications",
            editable=True,
            measures=_MEASURES,
            where=lambda request: request.NAME_CONTRACT_STATUS == "Approved",
        ),
        Subset(
            "REFUSED",
            "demandes précédentes refusées",
            "refused previous applications",
            editable=False,
            measures=_MEASURES,
            where=lambda request: request.NAME_CONTRACT_STATUS == "Refused",
        ),
    ),
    shares_editable=True,
    computed=(
        Computed(
            number_column(
                _TABLE,
                "APP_CREDIT_PERC",
                Unit.SHARE,
                "Rapport entre montant demandé et montant accordé",
                "Ratio of amount asked for to amount granted",
            ),
            ("AMT_APPLICATION", "AMT_CREDIT"),
            ratio,
        ),
    ),
)
