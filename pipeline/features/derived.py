"""Derived features: ratios of base features, recomputed whenever one of these changes."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis

from pipeline.features.ratio import ratio
from pipeline.tables.layout import Unit


@dataclass(frozen=True, slots=True)
class Derived:
    """One derived feature: the base features it needs, and the expression over them, in this order."""

    name: str
    inputs: tuple[str, ...]
    expression: Callable[..., ibis.Value]
    unit: Unit
    label_fr: str
    label_en: str


def _mean_of_known(*values: ibis.Value) -> ibis.Value:
    known = sum((value.notnull().cast("int64") for value in values[1:]), values[0].notnull().cast("int64"))
    total = sum((value.fill_null(0.0) for value in values[1:]), values[0].fill_null(0.0))
    return total / known.nullif(0)


DERIVED = (
    Derived(
        "DAYS_EMPLOYED_PERC",
        ("DAYS_EMPLOYED", "DAYS_BIRTH"),
        ratio,
        Unit.SHARE,
        "Part de la vie passée dans l'emploi actuel",
        "Share of life spent in the current job",
    ),
    Derived(
        "INCOME_CREDIT_PERC",
        ("AMT_INCOME_TOTAL", "AMT_CREDIT"),
        ratio,
        Unit.SHARE,
        "Revenu annuel rapporté au montant du crédit",
        "Annual income relative to the credit amount",
    ),
    Derived(
        "INCOME_PER_PERSON",
        ("AMT_INCOME_TOTAL", "CNT_FAM_MEMBERS"),
        ratio,
        Unit.CURRENCY,
        "Revenu annuel par membre du foyer",
        "Annual income per member of the household",
    ),
    Derived(
        "ANNUITY_INCOME_PERC",
        ("AMT_ANNUITY", "AMT_INCOME_TOTAL"),
        ratio,
        Unit.SHARE,
        "Annuité rapportée au revenu annuel",
        "Annuity relative to annual income",
    ),
    Derived(
        "PAYMENT_RATE",
        ("AMT_ANNUITY", "AMT_CREDIT"),
        ratio,
        Unit.SHARE,
        "Annuité rapportée au montant du crédit",
        "Annuity relative to the credit amount",
    ),
    Derived(
        "CREDIT_TERM",
        ("AMT_CREDIT", "AMT_ANNUITY"),
        ratio,
        Unit.COUNT,
        "Nombre d'annuités pour rembourser le crédit, hors intérêts",
        "Number of annuities to repay the credit, without interest",
    ),
    Derived(
        "CREDIT_GOODS_PERC",
        ("AMT_CREDIT", "AMT_GOODS_PRICE"),
        ratio,
        Unit.SHARE,
        "Montant du crédit rapporté au prix du bien",
        "Credit amount relative to the price of the goods",
    ),
    Derived(
        "EXT_SOURCE_MEAN",
        ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"),
        _mean_of_known,
        Unit.NONE,
        "Moyenne des scores externes connus",
        "Mean of the known external scores",
    ),
    Derived(
        "EXT_SOURCE_MIN",
        ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"),
        ibis.least,
        Unit.NONE,
        "Plus bas des scores externes connus",
        "Lowest of the known external scores",
    ),
    Derived(
        "EXT_SOURCE_MAX",
        ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"),
        ibis.greatest,
        Unit.NONE,
        "Plus élevé des scores externes connus",
        "Highest of the known external scores",
    ),
    Derived(
        "ACTIVE_DEBT_INCOME_PERC",
        ("ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", "AMT_INCOME_TOTAL"),
        ratio,
        Unit.SHARE,
        "Dettes en cours dans d'autres établissements rapportées au revenu annuel",
        "Debt with other lenders relative to annual income",
    ),
    Derived(
        "ACTIVE_DEBT_CREDIT_PERC",
        ("ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", "ACTIVE_AMT_CREDIT_SUM_SUM"),
        ratio,
        Unit.SHARE,
        "Part restant à rembourser des crédits en cours dans d'autres établissements",
        "Share still to be repaid of open loans with other lenders",
    ),
)

# Every base feature that some derived feature needs.
INPUTS = tuple(dict.fromkeys(name for derived in DERIVED for name in derived.inputs))


def derive(base: ibis.Table) -> ibis.Table:
    """Returns the table of base features with the derived ones added, as float64.

    Division by zero and by a missing value give a missing value, never an infinite one.
    """
    return base.mutate(**{d.name: d.expression(*(base[name] for name in d.inputs)).cast("float64") for d in DERIVED})
