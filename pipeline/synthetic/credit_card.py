"""The monthly statements of approved cards, and the payments made to them."""

import numpy as np

from pipeline.synthetic.columns import DAYS_PER_MONTH, NO_DATE, Columns, code, to_month
from pipeline.synthetic.population import Clients
from pipeline.synthetic.previous_application import Cards
from pipeline.synthetic.sampler import Sampler, expand, missing_where, round_to

_T = "credit_card_balance"
_MONTHS = 96
_MONTHLY_INTEREST = 0.025
# The least to be paid each month: a part of what is owed, but not less than an amount.
_LEAST_PART = 0.06
_LEAST_AMOUNT = 2250.0


def draw(rng: np.random.Generator, clients: Clients, cards: Cards) -> Columns:
    """Draws the statements month by month: what was drawn and paid moves the balance to the next month."""
    s = Sampler(rng, _T, len(cards.previous))
    solvency, discipline = clients.solvency[cards.client], clients.discipline[cards.client]
    last = np.minimum(np.round(s.number("last MONTHS_BALANCE", s.normal())), -1).astype(np.int64)
    first = np.maximum(np.minimum(to_month(cards.decision), -1), -_MONTHS)
    last = np.maximum(last, first)
    used = cards.first_drawing != NO_DATE
    start = np.where(used, np.maximum(to_month(np.where(used, cards.first_drawing, -1)), first), 0)
    # Early cards had small limits.
    age = np.clip(np.log(np.maximum(-cards.decision, 60) / 500.0) / 0.8, -2.5, 2.5)
    size = s.blend((0.4, clients.affluence[cards.client]), (-0.3, age))
    limit = np.maximum(round_to(s.number("AMT_CREDIT_LIMIT_ACTUAL", size), 4500.0), 45000.0)
    raised = np.where(s.happens(0.1), first + np.floor((last - first) * s.uniform()), -_MONTHS)
    habit = s.blend((-0.3, solvency), (0.2, clients.appetite[cards.client]))
    activity = s.number("share of months with drawings", habit)
    repayment = s.blend((0.45, solvency))
    # One in four gives the card back after a while: the limit falls to nothing.
    closes = np.where(s.happens(0.25), first + np.floor((last - first) * s.uniform()), 1).astype(np.int64)

    months: list[Columns] = []
    balance = np.zeros(s.rows)
    mature = np.zeros(s.rows, dtype=np.int64)
    past_due = np.zeros(s.rows, dtype=np.int64)
    for month in range(-_MONTHS, 0):
        is_open = (month >= first) & (month <= last)
        using = used & (month >= start) & is_open
        limit_now = np.where(month >= closes, 0.0, np.where(month < raised, round_to(limit / 2, 4500.0), limit))
        # A fresh card is drawn on at once.
        draws = using & (s.happens_shares(activity) | (month == start)) & (limit_now > 0)
        wish = s.number("AMT_DRAWINGS_CURRENT / limit", s.normal()) * limit_now
        drawn = np.round(np.where(draws, np.minimum(wish, np.maximum(1.03 * limit_now - balance, 0.0)), 0.0), 2)
        owes = balance > 0
        least = np.where(owes, np.round(np.minimum(np.maximum(_LEAST_PART * balance, _LEAST_AMOUNT), balance), 2), 0.0)
        skips = owes & s.happens(0.06, s.blend((0.6, discipline)))
        wanted = s.number("AMT_PAYMENT_CURRENT / AMT_INST_MIN_REGULARITY", s.blend((0.85, repayment))) * 1.4 * least
        paid = np.where(skips, 0.0, np.round(np.minimum(np.maximum(wanted, least), balance), 2))
        interest = np.where(balance - paid > 1, (balance - paid) * _MONTHLY_INTEREST, 0.0)
        balance = np.where(is_open, np.round(balance - paid + interest + drawn, 2), 0.0)
        mature = mature + (using & (owes | draws | s.happens(0.4)))
        past_due = np.where(skips, past_due + 30, 0)
        position = np.flatnonzero(is_open)
        columns = {
            "card": np.arange(s.rows),
            "MONTHS_BALANCE": np.full(s.rows, month),
            "AMT_BALANCE": balance,
            "AMT_CREDIT_LIMIT_ACTUAL": limit_now.astype(np.int64),
            "AMT_DRAWINGS_CURRENT": drawn,
            "AMT_INST_MIN_REGULARITY": least,
            "AMT_PAYMENT_CURRENT": paid,
            "AMT_RECEIVABLE_PRINCIPAL": np.round(np.maximum(balance - interest, 0.0), 2),
            "CNT_INSTALMENT_MATURE_CUM": mature.astype(np.float64),
            "SK_DPD": past_due,
            "using": using,
            "ended": month >= closes,
        }
        months.append({name: values[position] for name, values in columns.items()})
    rows = {name: np.concatenate([month_rows[name] for month_rows in months]) for name in months[0]}
    order = np.lexsort((rows["MONTHS_BALANCE"], rows["card"]))
    return _table(rng, clients, cards, {name: values[order] for name, values in rows.items()})


def _table(rng: np.random.Generator, clients: Clients, cards: Cards, rows: Columns) -> Columns:
    """Completes the statements: the split of drawings, the status, the identifiers."""
    card, idle, ended = rows.pop("card"), ~rows.pop("using"), rows.pop("ended")
    s = Sampler(rng, _T, len(card))
    status = np.full(s.rows, code(_T, "NAME_CONTRACT_STATUS", "Active"))
    status[ended & (rows["AMT_BALANCE"] == 0) & s.happens(0.4)] = code(_T, "NAME_CONTRACT_STATUS", "Completed")
    status[idle & ~ended & s.happens(0.006)] = code(_T, "NAME_CONTRACT_STATUS", "Signed")
    tolerated = s.happens(0.5) & (rows["SK_DPD"] < 60)

    drawn = rows["AMT_DRAWINGS_CURRENT"]
    count = np.where(drawn > 0, np.maximum(np.round(s.number("CNT_DRAWINGS_CURRENT", s.normal())), 1.0), 0.0)
    # Cash or goods, by the card's habit; some months both.
    cash_habit = rng.random(len(cards.previous)) < 0.6
    both = s.happens(0.14) & (count > 1)
    cash = s.happens_shares(np.where(cash_habit[card], 0.85, 0.12))
    atm = np.round(drawn * np.where(both, 0.6, cash), 2)
    atm_count = np.where(both, np.floor(count / 2), np.where(cash, np.ceil(count / 2.5), 0.0)) * (drawn > 0)
    shop_count = np.where(both, count - atm_count, np.where(cash, 0.0, count))
    # A card that is not in use mostly has no movements rather than movements of nothing.
    unmoved = idle & s.happens(0.65)
    movements = {
        "ATM": (atm, atm_count),
        "OTHER": (np.zeros(s.rows), np.zeros(s.rows)),
        "POS": (np.round(drawn - atm, 2), shop_count),
    }
    for name, (amount, times) in movements.items():
        rows[f"AMT_DRAWINGS_{name}_CURRENT"] = missing_where(unmoved, amount)
        rows[f"CNT_DRAWINGS_{name}_CURRENT"] = missing_where(unmoved, times)
    paid = rows["AMT_PAYMENT_CURRENT"]
    # Fees are booked as payments, though they are not counted in the total.
    fee = s.number("AMT_PAYMENT_CURRENT without AMT_PAYMENT_TOTAL_CURRENT", s.normal())
    without_plan = idle & s.happens(0.22)
    rows["AMT_INST_MIN_REGULARITY"] = missing_where(without_plan, rows["AMT_INST_MIN_REGULARITY"])
    rows["CNT_INSTALMENT_MATURE_CUM"] = missing_where(without_plan, rows["CNT_INSTALMENT_MATURE_CUM"])
    return rows | {
        "SK_ID_PREV": cards.previous[card],
        "SK_ID_CURR": clients.ids[cards.client[card]],
        "AMT_PAYMENT_CURRENT": missing_where(unmoved, np.where(paid > 0, paid, np.round(fee, 2))),
        "AMT_PAYMENT_TOTAL_CURRENT": paid,
        "AMT_RECIVABLE": rows["AMT_BALANCE"],
        "AMT_TOTAL_RECEIVABLE": rows["AMT_BALANCE"],
        "CNT_DRAWINGS_CURRENT": (atm_count + shop_count).astype(np.int64),
        "NAME_CONTRACT_STATUS": status,
        "SK_DPD_DEF": np.where(tolerated, 0, np.minimum(rows["SK_DPD"], 30)),
    }


def instalments(rng: np.random.Generator, statements: Columns) -> Columns:
    """Gives the rows of ``installments_payments`` of the cards: the payments of a month, in one or several parts."""
    paid = statements["AMT_PAYMENT_TOTAL_CURRENT"]
    paying = np.flatnonzero(paid > 0)
    parts = 1 + rng.poisson(0.9, len(paying))
    payment, position = expand(parts)
    s = Sampler(rng, "installments_payments", len(payment))
    row = paying[payment]
    amount = np.round(paid[row] / parts[payment], 3)
    # Statements are due on the 15th or so; an overdue one is paid late.
    due = np.floor(statements["MONTHS_BALANCE"][row] * DAYS_PER_MONTH) + 15
    late = s.happens(0.03) | (statements["SK_DPD"][row] > 0)
    entered = np.minimum(due + np.where(late, 1 + position + s.rng.integers(0, 10, s.rows), -position), -1)
    return {
        "SK_ID_PREV": statements["SK_ID_PREV"][row],
        "SK_ID_CURR": statements["SK_ID_CURR"][row],
        # Version 0 marks cards.
        "NUM_INSTALMENT_VERSION": np.zeros(s.rows),
        "NUM_INSTALMENT_NUMBER": np.fmax(statements["CNT_INSTALMENT_MATURE_CUM"][row], 1).astype(np.int64),
        "DAYS_INSTALMENT": due,
        "DAYS_ENTRY_PAYMENT": entered,
        "AMT_INSTALMENT": amount,
        "AMT_PAYMENT": amount,
    }
