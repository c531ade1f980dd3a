"""Credits that other lenders reported to the bureau, and their month-by-month status."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.columns import Bools, Columns, Floats, Ints, code, to_month
from pipeline.synthetic.population import Clients
from pipeline.synthetic.sampler import Given, Sampler, expand, missing_where

_T = "bureau"
_FIRST_BUREAU = 5_000_001
_MOST_CREDITS = 50
_HAS_HISTORY = 0.858
# Types with too few credits to measure on their own are drawn as car loans: earmarked, long, large.
_TYPES = ("Consumer credit", "Credit card", "Car loan", "Mortgage", "Microloan")
_STATES = ("Active", "Closed")


@dataclass(frozen=True)
class Credits:
    """The bureau credits of a block, and what their monthly status depends on."""

    columns: Columns
    # Position of the client in the block.
    client: Ints
    active: Bools
    # Normal score of paying on time; low: late.
    punctuality: Floats


def draw(rng: np.random.Generator, clients: Clients) -> Credits:
    """Draws the bureau credits of a block of clients."""
    per_client = Sampler(rng, _T, len(clients.index))
    wish = per_client.blend((0.6, clients.appetite))
    counts = np.round(per_client.number("rows per client", wish)).astype(np.int64)
    known = per_client.happens(_HAS_HISTORY, per_client.blend((-0.2, clients.appetite)))
    counts = np.minimum(np.where(known, counts, 0), _MOST_CREDITS)
    # Lenders report annuities and past delays for all credits of a client, or for none, more often than chance.
    reporting = per_client.normal()

    client, position = expand(counts)
    s = Sampler(rng, _T, len(client))
    columns: Columns = {
        "SK_ID_CURR": clients.ids[client],
        "SK_ID_BUREAU": _FIRST_BUREAU + clients.index[client] * _MOST_CREDITS + position,
        "CREDIT_TYPE": s.value("CREDIT_TYPE"),
        "CREDIT_CURRENCY": s.value("CREDIT_CURRENCY"),
    }
    kind = _kind(columns["CREDIT_TYPE"])
    # Low scores are active: those who borrow much and can repay little.
    closing = s.blend((-0.25, clients.appetite[client]), (0.3, clients.solvency[client]))
    columns["CREDIT_ACTIVE"] = s.value("CREDIT_ACTIVE", kind, closing)
    active = columns["CREDIT_ACTIVE"] == code(_T, "CREDIT_ACTIVE", "Active")
    kind_and_state = Given(kind.codes * 2 + ~active, [f"{kind}|{state}" for kind in _TYPES for state in _STATES])
    _dates(s, columns, active, kind, kind_and_state)
    punctuality = s.blend((0.55, clients.discipline[client]))
    size = s.blend((0.45, clients.affluence[client]))
    debt = s.blend((-0.4, clients.solvency[client]))
    # A few closed credits still show a remainder.
    part = np.where(active | s.happens(0.006), s.number("AMT_CREDIT_SUM_DEBT / AMT_CREDIT_SUM", debt, kind), 0.0)
    _amounts(s, columns, kind_and_state, size, part)
    _delays(s, columns, active, punctuality)
    for name in ("AMT_CREDIT_MAX_OVERDUE", "AMT_ANNUITY"):
        unreported = s.happens_given(name, "", kind_and_state, s.blend((0.75, reporting[client])))
        columns[name] = missing_where(unreported, columns[name])
    for name in ("AMT_CREDIT_SUM_DEBT", "AMT_CREDIT_SUM_LIMIT", "DAYS_CREDIT_ENDDATE"):
        columns[name] = missing_where(s.happens_given(name, "", kind_and_state, s.normal()), columns[name])
    return Credits(columns, client, active, punctuality)


def _kind(credit_type: Ints) -> Given:
    codes = np.full(len(credit_type), _TYPES.index("Car loan"))
    for position, name in enumerate(_TYPES):
        codes[credit_type == code(_T, "CREDIT_TYPE", name)] = position
    return Given(codes, _TYPES)


def _dates(s: Sampler, columns: Columns, active: Bools, kind: Given, kind_and_state: Given) -> None:
    granted = np.minimum(np.round(s.number("DAYS_CREDIT", s.normal(), kind_and_state)), -1.0)
    term = s.number("term", s.normal(), kind_and_state)
    closed = granted + np.round(term * s.number("closed after / term", s.normal(), kind))
    # What cannot have been closed so late was closed some day since it was granted.
    closed = np.where(closed < 0, closed, np.floor(granted * s.uniform()))
    closed = np.clip(closed, granted, -1.0)
    reported_late = np.round(s.number("days from closing to update", s.normal()))
    reported_active = np.round(s.number("DAYS_CREDIT_UPDATE", s.normal(), kind))
    updated = np.where(active, np.maximum(reported_active, granted), np.minimum(closed + reported_late, -1.0))
    columns["DAYS_CREDIT"] = granted.astype(np.int64)
    columns["DAYS_CREDIT_ENDDATE"] = granted + np.round(term)
    columns["DAYS_ENDDATE_FACT"] = missing_where(active, closed)
    columns["DAYS_CREDIT_UPDATE"] = updated.astype(np.int64)


def _amounts(s: Sampler, columns: Columns, kind_and_state: Given, size: Floats, debt_part: Floats) -> None:
    amount = np.round(s.number("AMT_CREDIT_SUM", size, kind_and_state), 2)
    columns["AMT_CREDIT_SUM"] = amount
    columns["AMT_CREDIT_SUM_DEBT"] = np.round(debt_part * amount, 2)
    card = columns["CREDIT_TYPE"] == code(_T, "CREDIT_TYPE", "Credit card")
    closed = columns["CREDIT_ACTIVE"] != code(_T, "CREDIT_ACTIVE", "Active")
    limit = s.number("AMT_CREDIT_SUM_LIMIT", size, Given(closed.astype(np.int64), _STATES))
    columns["AMT_CREDIT_SUM_LIMIT"] = np.round(np.where(card, limit, 0.0), 2)
    part = s.number("AMT_ANNUITY / AMT_CREDIT_SUM", s.normal(), kind_and_state)
    columns["AMT_ANNUITY"] = np.round(amount * part, 2)


def _delays(s: Sampler, columns: Columns, active: Bools, punctuality: Floats) -> None:
    ever_late = s.happens(0.2, punctuality)
    worst = s.number("AMT_CREDIT_MAX_OVERDUE", s.blend((-0.3, punctuality)))
    columns["AMT_CREDIT_MAX_OVERDUE"] = np.round(np.where(ever_late, worst, 0.0), 2)
    late_now = active & s.happens(0.0069, punctuality)
    days = np.minimum(np.round(s.number("CREDIT_DAY_OVERDUE", s.normal())), -columns["DAYS_CREDIT"])
    columns["CREDIT_DAY_OVERDUE"] = np.where(late_now, np.maximum(days, 1), 0).astype(np.int64)
    owed = np.maximum(columns["AMT_CREDIT_SUM_DEBT"], columns["AMT_CREDIT_SUM"] * 0.05)
    overdue = np.minimum(owed, worst) * late_now
    columns["AMT_CREDIT_SUM_OVERDUE"] = np.round(overdue, 2)
    columns["CNT_CREDIT_PROLONG"] = s.happens(0.0037).astype(np.int64)


def draw_balance(rng: np.random.Generator, clients: Clients, reported: Credits) -> Columns:
    """Draws the monthly status of the credits of those clients whose bureau keeps it: all their credits, or none."""
    table = "bureau_balance"
    kept = rng.random(len(clients.index))[reported.client] < 0.45
    identifier = reported.columns["SK_ID_BUREAU"][kept]
    granted = reported.columns["DAYS_CREDIT"][kept]
    active = reported.active[kept]
    first = np.maximum(to_month(granted) + 1, -96)

    s = Sampler(rng, table, len(identifier))
    last = np.clip(np.round(s.number("last MONTHS_BALANCE", s.normal())).astype(np.int64), np.minimum(first, 0), 0)
    first = np.minimum(first, last)
    closed_on = reported.columns["DAYS_ENDDATE_FACT"][kept]
    # Some lenders report "no information" after the end instead of "closed".
    says_closed = s.happens(0.82)
    closed_month = np.where(active, 1, to_month(np.nan_to_num(closed_on)) + 1)
    states = Given(active.astype(np.int64), ("Closed", "Active"))
    unknown_share = s.number("share X before closing", s.normal(), states)
    late = s.happens(0.14, reported.punctuality[kept])
    late_share = np.where(late, s.number("late share", s.blend((-0.3, reported.punctuality[kept]))), 0.0)

    credit, position = expand(last - first + 1)
    month = last[credit] - position
    rows = Sampler(rng, table, len(credit))
    status = np.full(rows.rows, code(table, "STATUS", "0"))
    is_late = rows.uniform() < late_share[credit]
    worse = rows.value("late STATUS")
    levels = np.array([code(table, "STATUS", str(level)) for level in range(6)])
    status = np.where(is_late, levels[worse], status)
    status = np.where(rows.uniform() < unknown_share[credit], code(table, "STATUS", "X"), status)
    ended = np.where(says_closed, code(table, "STATUS", "C"), code(table, "STATUS", "X"))
    status = np.where(month >= closed_month[credit], ended[credit], status)
    return {"SK_ID_BUREAU": identifier[credit], "MONTHS_BALANCE": month, "STATUS": status}
