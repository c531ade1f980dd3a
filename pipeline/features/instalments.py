"""Features of the client's payments of instalments on earlier credits with us.

One row is one payment: an instalment that was paid in two parts has two rows, each with the whole instalment's amount.
An instalment that was never paid has one row without date and amount of payment. It is neither late nor early, and
no share of it is known: the public recipe counts it as paid on time.
"""

import ibis

from pipeline.features.family import Computed, Family, Measure, Subset, Wording, number_column
from pipeline.features.ratio import ratio
from pipeline.tables.layout import Unit

_TABLE = "installments_payments"


def _days_after(later: ibis.Value, earlier: ibis.Value) -> ibis.Value:
    # DuckDB's greatest() would take the 0 where the difference is unknown.
    return (later - earlier).clip(lower=0)


FAMILY = Family(
    table=_TABLE,
    dated_by="DAYS_INSTALMENT",
    subsets=(
        Subset(
            "INSTAL",
            "paiements d'échéances de crédits précédents",
            "instalment payments on previous credits",
            editable=False,
            measures=(
                Measure("NUM_INSTALMENT_VERSION", ("NUNIQUE",), Wording.FEMININE),
                Measure("DPD", ("MAX", "MEAN", "SUM"), Wording.MASCULINE),
                Measure("DBD", ("MAX", "MEAN", "SUM"), Wording.FEMININE),
                Measure("PAYMENT_PERC", ("MAX", "MEAN", "SUM", "VAR"), Wording.FEMININE),
                Measure("PAYMENT_DIFF", ("MAX", "MEAN", "SUM", "VAR"), Wording.MASCULINE),
                Measure("AMT_INSTALMENT", ("MAX", "MEAN", "SUM"), Wording.MASCULINE),
                Measure("AMT_PAYMENT", ("MIN", "MAX", "MEAN", "SUM"), Wording.MASCULINE),
                Measure("DAYS_ENTRY_PAYMENT", ("MAX", "MEAN", "SUM"), Wording.DATE),
            ),
        ),
    ),
    computed=(
        Computed(
            number_column(_TABLE, "DPD", Unit.DAYS, "Retard de paiement en jours", "Days past due"),
            ("DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT"),
            _days_after,
        ),
        Computed(
            number_column(_TABLE, "DBD", Unit.DAYS, "Avance de paiement en jours", "Days paid before the due date"),
            ("DAYS_INSTALMENT", "DAYS_ENTRY_PAYMENT"),
            _days_after,
        ),
        Computed(
            number_column(_TABLE, "PAYMENT_PERC", Unit.SHARE, "Part payée de l'échéance", "Share of instalment paid"),
            ("AMT_PAYMENT", "AMT_INSTALMENT"),
            ratio,
        ),
        Computed(
            number_column(
                _TABLE,
                "PAYMENT_DIFF",
                Unit.CURRENCY,
                "Écart entre montant de l'échéance et montant payé",
                "Instalment minus payment",
            ),
            ("AMT_INSTALMENT", "AMT_PAYMENT"),
            lambda due, paid: due - paid,
        ),
    ),
)
