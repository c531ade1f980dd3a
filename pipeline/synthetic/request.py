"""The part of an application that says what is asked for, and what the lender looked up about the client."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.columns import Bools, Columns, Floats, code
from pipeline.synthetic.parameters import chance
from pipeline.synthetic.person import Person
from pipeline.synthetic.population import Clients
from pipeline.synthetic.sampler import Given, Sampler, missing_where, round_to
from pipeline.tables.layout import layout

_T = "application"
# The lender's tariff works in multiples of this amount.
_TARIFF_STEP = 4.5
_COMMON_DOCUMENTS = ("FLAG_DOCUMENT_3", "FLAG_DOCUMENT_6", "FLAG_DOCUMENT_8")


@dataclass(frozen=True)
class Request:
    """The columns, and what the risk depends on."""

    columns: Columns
    revolving: Bools
    # Normal scores of the three external scores, whether or not they are known; high: good.
    external: tuple[Floats, Floats, Floats]
    # Normal score of the fees on top of the goods' price.
    fees: Floats


def draw(sampler: Sampler, clients: Clients, person: Person) -> Request:
    """Draws the columns about the credit and the inquiries."""
    s = sampler
    columns: Columns = {}
    contract = s.value("NAME_CONTRACT_TYPE")
    columns["NAME_CONTRACT_TYPE"] = contract
    revolving = contract == code(_T, "NAME_CONTRACT_TYPE", "Revolving loans")
    fees = _amounts(s, columns, Given(contract, ("Cash loans", "Revolving loans")), revolving, person.income)
    columns["NAME_TYPE_SUITE"] = s.value("NAME_TYPE_SUITE")
    columns["WEEKDAY_APPR_PROCESS_START"] = s.value("WEEKDAY_APPR_PROCESS_START")
    hour = np.round(s.number("HOUR_APPR_PROCESS_START", s.normal()))
    columns["HOUR_APPR_PROCESS_START"] = hour.astype(np.int64)
    unknown_to_bureau = s.normal()
    external = _external_scores(s, columns, clients, person, unknown_to_bureau)
    for name in layout()[_T].columns:
        if name.startswith("AMT_REQ_CREDIT_BUREAU"):
            asked = s.value(name)
            columns[name] = missing_where(s.happens(0.136, unknown_to_bureau), asked)
    _documents(s, columns, revolving, person.pensioner)
    _social_circle(s, columns, clients)
    phone = s.number("DAYS_LAST_PHONE_CHANGE", s.blend((-0.2, external[1])))
    columns["DAYS_LAST_PHONE_CHANGE"] = np.where(s.happens(0.126), 0.0, np.round(phone))
    return Request(columns, revolving, external, fees)


def _amounts(s: Sampler, columns: Columns, contract: Given, revolving: Bools, income: Floats) -> Floats:
    size = s.blend((0.45, income))
    goods = s.number("AMT_GOODS_PRICE", size, contract)
    # Prices are round, and rounder when they are large.
    coarse = s.happens(0.75)
    step = np.where(coarse & (goods > 400_000) & s.happens(0.6), 225_000.0, np.where(coarse, 22_500.0, 4_500.0))
    goods = np.maximum(round_to(goods, step), 45_000.0)
    fees = s.normal()
    ratio = np.where(s.happens(0.289) | revolving, 1.0, s.number("AMT_CREDIT / AMT_GOODS_PRICE", fees))
    credit = round_to(goods * ratio, _TARIFF_STEP)
    # Large credits run longer: they cost a smaller part of themselves each month.
    part = np.where(revolving, 0.05, s.number("AMT_ANNUITY / AMT_CREDIT", s.blend((-0.6, size))))
    columns["AMT_CREDIT"] = credit
    columns["AMT_ANNUITY"] = missing_where(s.happens(0.0001), round_to(credit * part, _TARIFF_STEP))
    columns["AMT_GOODS_PRICE"] = missing_where(revolving & s.happens(0.008), goods)
    return np.where(ratio > 1, fees, -1.0)


def _external_scores(
    s: Sampler, columns: Columns, clients: Clients, person: Person, unknown_to_bureau: Floats
) -> tuple[Floats, Floats, Floats]:
    female = (person.female.astype(np.float64) - 0.66) / 0.47
    rating = (person.columns["REGION_RATING_CLIENT"] - 2.05) / 0.51
    first = s.blend((-0.55, person.youth), (0.25, female), (0.35, clients.solvency))
    second = s.blend((-0.25, rating), (0.35, clients.solvency))
    third = s.blend((-0.2, person.youth), (0.35, clients.solvency), (0.15, clients.discipline))
    absent = (s.happens(0.566), s.happens(0.0028), s.happens(0.199, s.blend((0.9, unknown_to_bureau))))
    for number, (score, missing) in enumerate(zip((first, second, third), absent, strict=True), start=1):
        name = f"EXT_SOURCE_{number}"
        columns[name] = missing_where(missing, np.round(s.number(name, score), 6))
    return first, second, third


def _documents(s: Sampler, columns: Columns, revolving: Bools, pensioner: Bools) -> None:
    given = Given(
        np.where(revolving, 2, pensioner.astype(np.int64)),
        ("Cash loans, employed", "Cash loans, pensioner", "Revolving loans"),
    )
    # A client hands in one of the three common documents, or none; the rarer ones come on top.
    turn = s.uniform()
    for name in layout()[_T].columns:
        if not name.startswith("FLAG_DOCUMENT"):
            continue
        share = np.array([_document_share(name, kind) for kind in given.names])[given.codes]
        if name in _COMMON_DOCUMENTS:
            columns[name] = ((turn >= 0) & (turn < share)).astype(np.int64)
            turn = turn - share
        else:
            columns[name] = (s.uniform() < share).astype(np.int64)


def _document_share(name: str, kind: str) -> float:
    return chance(_T, name, "1").get(kind, 0.0)


def _social_circle(s: Sampler, columns: Columns, clients: Clients) -> None:
    unknown = s.happens(0.0036)
    observed = s.value("OBS_30_CNT_SOCIAL_CIRCLE")
    # The company one keeps: undisciplined clients know more defaulters.
    share = 0.1 * np.exp(-0.3 * clients.discipline - 0.045)
    late_30 = s.rng.binomial(observed, np.minimum(share, 1.0))
    late_60 = s.rng.binomial(late_30, 0.7)
    observed_60 = np.maximum(observed - (s.happens(0.02) & (observed > late_30)), 0)
    circle = {"OBS_30": observed, "DEF_30": late_30, "OBS_60": observed_60, "DEF_60": late_60}
    for name, count in circle.items():
        columns[f"{name}_CNT_SOCIAL_CIRCLE"] = missing_where(unknown, count)
