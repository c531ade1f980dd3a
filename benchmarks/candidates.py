"""The features of our own that were considered, declared as the recipe declares its features."""

from functools import partial

import ibis
import ibis.expr.types as ir

from pipeline.features import instalments
from pipeline.features.derived import Derived
from pipeline.features.dictionary import Aggregation
from pipeline.features.family import Computed, Family, Measure, Nested, Subset, Wording, number_column
from pipeline.features.ratio import ratio
from pipeline.tables.layout import Unit

_MIN: tuple[Aggregation, ...] = ("MIN",)
_MAX: tuple[Aggregation, ...] = ("MAX",)
_MEAN: tuple[Aggregation, ...] = ("MEAN",)
_SUM: tuple[Aggregation, ...] = ("SUM",)


def _subset(prefix: str, days: str = "", since: int = 0, **measures: tuple[Aggregation, ...]) -> Subset:
    """The rows since a day or month before the application, or all; nobody reads a candidate's labels."""
    chosen = tuple(Measure(column, aggregations, Wording.MASCULINE) for column, aggregations in measures.items())
    where = partial(_since, days, since) if days else None
    return Subset(prefix, "", "", editable=False, measures=chosen, where=where)


def _since(days: str, since: int, rows: ibis.Table) -> ir.BooleanValue:
    return rows[days] >= since


def _number(table: str, name: str, inputs: tuple[str, ...], expression: object) -> Computed:
    return Computed(number_column(table, name, Unit.NONE, "", ""), inputs, expression)  # type: ignore[arg-type]


def _arrears_of_last_year(month: ibis.Value, status: ibis.Value) -> ibis.Value:
    late = ibis.ifelse(status.isin(["1", "2", "3", "4", "5"]), 1.0, 0.0)
    return ibis.ifelse(month >= -12, late, ibis.null("float64")).mean()


def _most_recent_first(client: ibis.Value, day: ibis.Value) -> ibis.Value:
    return ibis.rank().over(ibis.window(group_by=client, order_by=day.desc()))


_REFUSED = _number(
    "previous_application", "REFUSED", ("NAME_CONTRACT_STATUS",), lambda status: (status == "Refused").cast("float64")
)
_LATE = _number(
    "installments_payments",
    "LATE",
    ("DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT"),
    lambda paid, due: (paid > due).cast("float64"),
)

HISTORIES = {
    "instalments, 12 months": Family(
        "installments_payments",
        "DAYS_INSTALMENT",
        (
            _subset(
                "INSTAL_12M",
                "DAYS_INSTALMENT",
                -365,
                DPD=_MEAN + _MAX,
                DBD=_MEAN,
                PAYMENT_PERC=_MEAN,
                PAYMENT_DIFF=_SUM,
            ),
        ),
        computed=instalments.FAMILY.computed,
    ),
    "share of late instalments": Family(
        "installments_payments",
        "DAYS_INSTALMENT",
        (_subset("INSTAL_ALL", LATE=_MEAN), _subset("INSTAL_YEAR", "DAYS_INSTALMENT", -365, LATE=_MEAN)),
        computed=(_LATE,),
    ),
    "instalments left": Family(
        "POS_CASH_balance",
        "MONTHS_BALANCE",
        (_subset("POS_LEFT", CNT_INSTALMENT_FUTURE=_MIN + _MEAN, CNT_INSTALMENT=_MEAN),),
    ),
    "loans, 12 months": Family(
        "POS_CASH_balance",
        "MONTHS_BALANCE",
        (
            _subset(
                "POS_12M",
                "MONTHS_BALANCE",
                -12,
                SK_DPD=_MAX + _MEAN,
                SK_DPD_DEF=_MAX + _MEAN,
                CNT_INSTALMENT_FUTURE=_MIN + _MEAN,
            ),
        ),
    ),
    "cards, 12 months": Family(
        "credit_card_balance",
        "MONTHS_BALANCE",
        (
            _subset(
                "CC_12M",
                "MONTHS_BALANCE",
                -12,
                AMT_BALANCE=_MEAN + _MAX,
                AMT_DRAWINGS_ATM_CURRENT=_MEAN,
                AMT_PAYMENT_CURRENT=_MEAN,
                SK_DPD=_MAX,
            ),
        ),
    ),
    "card utilisation": Family(
        "credit_card_balance",
        "MONTHS_BALANCE",
        (
            _subset("CC_ALL", UTILISATION=_MEAN + _MAX),
            _subset("CC_3M", "MONTHS_BALANCE", -3, UTILISATION=_MEAN),
        ),
        computed=(_number("credit_card_balance", "UTILISATION", ("AMT_BALANCE", "AMT_CREDIT_LIMIT_ACTUAL"), ratio),),
    ),
    "other lenders, 12 months": Family(
        "bureau",
        "DAYS_CREDIT",
        (
            _subset(
                "BURO_12M",
                "DAYS_CREDIT",
                -365,
                AMT_CREDIT_SUM=_SUM + _MEAN,
                AMT_CREDIT_SUM_DEBT=_SUM,
                DAYS_CREDIT=_MEAN,
            ),
        ),
    ),
    "arrears elsewhere, 12 months": Family(
        "bureau",
        "DAYS_CREDIT",
        (_subset("BURO_ARREARS", ARREARS=_MEAN + _MAX),),
        nested=Nested(
            "bureau_balance",
            "SK_ID_BUREAU",
            (_number("bureau_balance", "ARREARS", ("MONTHS_BALANCE", "STATUS"), _arrears_of_last_year),),
        ),
    ),
    "last 3 applications": Family(
        "previous_application",
        "DAYS_DECISION",
        (
            Subset(
                "PREV_LAST3",
                "",
                "",
                editable=False,
                measures=tuple(
                    Measure(column, _MEAN, Wording.MASCULINE)
                    for column in ("REFUSED", "AMT_CREDIT", "AMT_ANNUITY", "CNT_PAYMENT")
                ),
                where=lambda request: request.RANK < 3,
            ),
        ),
        computed=(
            _REFUSED,
            _number("previous_application", "RANK", ("SK_ID_CURR", "DAYS_DECISION"), _most_recent_first),
        ),
    ),
    "applications, 12 months": Family(
        "previous_application",
        "DAYS_DECISION",
        (_subset("PREV_12M", "DAYS_DECISION", -365, REFUSED=_MEAN, AMT_APPLICATION=_SUM),),
        computed=(_REFUSED,),
    ),
    "cost of earlier credits": Family(
        "previous_application",
        "DAYS_DECISION",
        (_subset("PREV_COST", COST=_MIN + _MEAN + _MAX),),
        computed=(
            _number(
                "previous_application",
                "COST",
                ("AMT_ANNUITY", "CNT_PAYMENT", "AMT_CREDIT"),
                lambda annuity, payments, credit: ratio(annuity * payments, credit),
            ),
        ),
    ),
}

_SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")


def _deviation(*scores: ibis.Value) -> ibis.Value:
    known = sum((score.notnull().cast("int64") for score in scores[1:]), scores[0].notnull().cast("int64"))
    total = sum((score.fill_null(0.0) for score in scores[1:]), scores[0].fill_null(0.0))
    squares = sum(((score**2).fill_null(0.0) for score in scores[1:]), (scores[0] ** 2).fill_null(0.0))
    variance = (squares - total**2 / known.nullif(0)) / (known - 1).nullif(0)
    return variance.clip(lower=0).sqrt()


def _derived(name: str, inputs: tuple[str, ...], expression: object) -> Derived:
    return Derived(name, inputs, expression, Unit.NONE, "", "")  # type: ignore[arg-type]


DERIVED = {
    "product of scores": (_derived("EXT_SOURCE_PRODUCT", _SCORES, lambda a, b, c: a * b * c),),
    "lowest and highest score": (
        _derived("EXT_SOURCE_MIN", _SCORES, ibis.least),
        _derived("EXT_SOURCE_MAX", _SCORES, ibis.greatest),
    ),
    "deviation of scores": (_derived("EXT_SOURCE_STD", _SCORES, _deviation),),
    "burden of debt": (
        _derived("ACTIVE_CREDIT_INCOME_PERC", ("ACTIVE_AMT_CREDIT_SUM_SUM", "AMT_INCOME_TOTAL"), ratio),
        _derived(
            "TOTAL_DEBT_INCOME_PERC",
            ("AMT_CREDIT", "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", "AMT_INCOME_TOTAL"),
            lambda credit, debt, income: ratio(credit + debt.fill_null(0.0), income),
        ),
        _derived("CC_BALANCE_INCOME_PERC", ("CC_AMT_BALANCE_MEAN", "AMT_INCOME_TOTAL"), ratio),
        _derived("BURO_DEBT_CREDIT_PERC", ("BURO_AMT_CREDIT_SUM_DEBT_SUM", "BURO_AMT_CREDIT_SUM_SUM"), ratio),
    ),
    "now relative to before": (
        _derived("CREDIT_APPROVED_PERC", ("AMT_CREDIT", "APPROVED_AMT_CREDIT_MEAN"), ratio),
        _derived("ANNUITY_APPROVED_PERC", ("AMT_ANNUITY", "APPROVED_AMT_ANNUITY_MEAN"), ratio),
        _derived("CREDIT_BURO_PERC", ("AMT_CREDIT", "BURO_AMT_CREDIT_SUM_MEAN"), ratio),
    ),
    "trends": (
        _derived("INSTAL_DPD_TREND", ("INSTAL_12M_DPD_MEAN", "INSTAL_DPD_MEAN"), lambda late, ever: late - ever),
        _derived("INSTAL_DBD_TREND", ("INSTAL_12M_DBD_MEAN", "INSTAL_DBD_MEAN"), lambda late, ever: late - ever),
        _derived("CC_BALANCE_TREND", ("CC_12M_AMT_BALANCE_MEAN", "CC_AMT_BALANCE_MEAN"), ratio),
    ),
    "ratios to age": (
        _derived("CAR_AGE_PERC", ("OWN_CAR_AGE", "DAYS_BIRTH"), ratio),
        _derived("DAYS_ID_PUBLISH_PERC", ("DAYS_ID_PUBLISH", "DAYS_BIRTH"), ratio),
        _derived("DAYS_PHONE_CHANGE_PERC", ("DAYS_LAST_PHONE_CHANGE", "DAYS_BIRTH"), ratio),
    ),
}
