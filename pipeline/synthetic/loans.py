"""What happened to approved loans: their instalments as paid, and the monthly balance that follows from them."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.columns import DAYS_PER_MONTH, NO_DATE, Bools, Columns, Floats, Ints, code, to_month
from pipeline.synthetic.population import Clients
from pipeline.synthetic.previous_application import Loans
from pipeline.synthetic.sampler import Sampler, expand, missing_where

_DAYS_BETWEEN_INSTALMENTS = 30
_OLDEST_DAY = -2922
_OLDEST_MONTH = -96
# Share of loans that were given up: from some instalment on nothing is paid.
_GIVEN_UP = 0.005


@dataclass(frozen=True)
class Payments:
    """Every instalment due so far, one element each, in the order of the loans."""

    loan: Ints
    number: Ints
    due: Ints
    # Day of payment, also if it lies after the application (>= 0: not yet known).
    paid: Ints
    # For each loan: where its instalments start, how many are due, and the first that will never be paid
    # (beyond the last: none).
    start: Ints
    count: Ints
    given_up: Ints
    # Normal score of paying on time, for each instalment.
    punctuality: Floats


def pay(rng: np.random.Generator, clients: Clients, loans: Loans) -> Payments:
    """Draws when each instalment was paid."""
    s = Sampler(rng, "installments_payments", len(loans.previous))
    due_so_far = np.where(loans.first_due < 0, (-loans.first_due - 1) // _DAYS_BETWEEN_INSTALMENTS + 1, 0)
    count = np.minimum(loans.paid_until, due_so_far)
    habit = s.blend((0.65, clients.discipline[loans.client]))
    # Only loans that still run can be given up.
    stops = s.happens(_GIVEN_UP / 0.25, habit) & (loans.terminated == NO_DATE)
    given_up = np.where(stops, np.floor(s.uniform() * (count + 1)), count + 1).astype(np.int64)

    loan, number = expand(count)
    each = Sampler(rng, "installments_payments", len(loan))
    punctuality = each.blend((0.7, habit[loan]))
    early = np.round(each.number("days paid before due", punctuality)).astype(np.int64)
    due = loans.first_due[loan] + _DAYS_BETWEEN_INSTALMENTS * number
    # Nothing is paid before the contract exists.
    paid = np.maximum(due - early, loans.decision[loan])
    return Payments(loan, number, due, paid, np.cumsum(count) - count, count, given_up, punctuality)


def instalments(rng: np.random.Generator, clients: Clients, loans: Loans, payments: Payments) -> Columns:
    """Gives the rows of ``installments_payments`` of the loans; a part payment makes two rows of one instalment."""
    kept = (payments.number < payments.given_up[payments.loan]) & (payments.due >= _OLDEST_DAY)
    loan, number, due, paid = (array[kept] for array in (payments.loan, payments.number, payments.due, payments.paid))
    s = Sampler(rng, "installments_payments", len(loan))
    last_early = (number == loans.paid_until[loan] - 1) & (loans.paid_until < loans.planned)[loan]
    left = loans.planned[loan] - loans.paid_until[loan]
    # Early repayment settles the principal that is left, without its interest.
    amount = np.round(loans.annuity[loan] * np.where(last_early, 1.0 + 0.85 * left, 1.0), 3)
    version = np.where(last_early, 2, 1) + s.happens(0.02) * s.rng.integers(1, 3, s.rows)
    in_parts = s.happens(0.06, s.blend((0.4, payments.punctuality[kept])))
    part = np.where(in_parts, np.round(amount * (0.05 + 0.9 * s.uniform()), 3), amount)
    later = s.rng.integers(0, 20, s.rows)

    def rows(mask: Bools, entered: Ints, payment: Floats) -> Columns:
        return {
            "SK_ID_PREV": loans.previous[loan[mask]],
            "SK_ID_CURR": clients.ids[loans.client[loan[mask]]],
            "NUM_INSTALMENT_VERSION": version[mask].astype(np.float64),
            "NUM_INSTALMENT_NUMBER": number[mask] + 1,
            "DAYS_INSTALMENT": due[mask].astype(np.float64),
            "DAYS_ENTRY_PAYMENT": missing_where(entered[mask] >= 0, entered[mask]),
            "AMT_INSTALMENT": amount[mask],
            "AMT_PAYMENT": missing_where(entered[mask] >= 0, payment[mask]),
        }

    whole = rows(np.ones(s.rows, dtype=np.bool_), paid, part)
    rest = rows(in_parts, paid + later, np.round(amount - part, 3))
    return {name: np.concatenate([whole[name], rest[name]]) for name in whole}


def pos_balance(rng: np.random.Generator, clients: Clients, loans: Loans, payments: Payments) -> Columns:
    """Gives ``POS_CASH_balance``: one row per loan and month, with the days past due at the month's end."""
    table = "POS_CASH_balance"
    s = Sampler(rng, table, len(loans.previous))
    over = loans.terminated != NO_DATE
    first = np.minimum(to_month(loans.decision), -1)
    last = np.where(over, np.minimum(to_month(loans.terminated), -1), -1)
    first, last = np.maximum(first, _OLDEST_MONTH), np.maximum(last, np.minimum(first, -1))
    known = (~over | (to_month(loans.terminated) >= _OLDEST_MONTH)) & ~s.happens(0.02)
    loan, position = expand(np.where(known, np.maximum(last - first + 1, 0), 0))
    month = first[loan] + position
    end_of_month = np.minimum(np.ceil((month + 1) * DAYS_PER_MONTH).astype(np.int64) - 1, -1)

    elapsed = (end_of_month - loans.first_due[loan]) // _DAYS_BETWEEN_INSTALMENTS + 1
    due = np.clip(elapsed, 0, payments.count[loan])
    finished = over[loan] & (month == last[loan])
    early = finished & (loans.paid_until < loans.planned)[loan]
    term = np.where(early, loans.paid_until[loan], loans.planned[loan])
    future = np.where(finished, 0, np.maximum(loans.planned[loan] - due, 0))
    past_due = np.where(finished, 0, _days_past_due(payments, loan, due, end_of_month))
    rows = Sampler(s.rng, table, len(loan))
    # Small arrears are not counted by the lender's second measure.
    tolerated = rows.happens(0.55) & (past_due < 60)
    unknown = rows.happens(0.0028)
    status = np.full(len(loan), code(table, "NAME_CONTRACT_STATUS", "Active"))
    status[(position == 0) & rows.happens(0.09)] = code(table, "NAME_CONTRACT_STATUS", "Signed")
    status[(past_due > 120) & rows.happens(0.15)] = code(table, "NAME_CONTRACT_STATUS", "Demand")
    status[finished] = code(table, "NAME_CONTRACT_STATUS", "Completed")
    return {
        "SK_ID_PREV": loans.previous[loan],
        "SK_ID_CURR": clients.ids[loans.client[loan]],
        "MONTHS_BALANCE": month,
        "CNT_INSTALMENT": missing_where(unknown, term),
        "CNT_INSTALMENT_FUTURE": missing_where(unknown, future),
        "NAME_CONTRACT_STATUS": status,
        "SK_DPD": past_due,
        "SK_DPD_DEF": np.where(tolerated, 0, past_due),
    }


def _days_past_due(payments: Payments, loan: Ints, due: Ints, day: Ints) -> Ints:
    """Days since the oldest instalment that is unpaid on ``day`` was due."""
    worst = np.zeros(len(loan), dtype=np.int64)
    if len(payments.due) == 0:
        return worst
    # An instalment that is paid at all is paid within half a year: only the last six can be open.
    for back in range(1, 7):
        exists = due >= back
        index = np.where(exists, payments.start[loan] + due - back, 0)
        open_then = exists & (payments.paid[index] > day)
        worst = np.where(open_then, day - payments.due[index], worst)
    lost = payments.given_up[loan] < due
    first_lost = np.where(lost, payments.start[loan] + payments.given_up[loan], 0)
    return np.where(lost, np.maximum(day - payments.due[first_lost], worst), worst)
