"""Earlier applications to the same lender, whatever came of them: cash loans, loans for goods, cards."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic import parameters
from pipeline.synthetic.columns import NO_DATE, Bools, Columns, Floats, Ints, catalogue, code
from pipeline.synthetic.population import Clients
from pipeline.synthetic.sampler import Given, Sampler, expand, missing_where, round_to

_T = "previous_application"
_FIRST_PREVIOUS = 1_000_001
_MOST_APPLICATIONS = 60
_HAS_HISTORY = 0.951
# Of clients who have any.
_MEAN_APPLICATIONS = 5.1
# Of clients with two applications or more.
_CARD_AT_SECOND = 0.38
_DAYS_BETWEEN_INSTALMENTS = 30
# Monthly interest by (contract, yield group): mean and standard deviation, from annuity, amount and term.
_MONTHLY_RATE = {
    ("Cash loans", "high"): (0.0519, 0.0063),
    ("Cash loans", "low_action"): (0.0164, 0.0009),
    ("Cash loans", "low_normal"): (0.0224, 0.0028),
    ("Cash loans", "middle"): (0.0350, 0.0049),
    ("Consumer loans", "high"): (0.0581, 0.0073),
    ("Consumer loans", "low_action"): (0.0101, 0.0030),
    ("Consumer loans", "low_normal"): (0.0215, 0.0040),
    ("Consumer loans", "middle"): (0.0333, 0.0051),
}


@dataclass(frozen=True)
class Loans:
    """The approved loans with instalments, one element each; POS_CASH_balance and installments_payments follow them."""

    previous: Ints
    # Position of the client in the block.
    client: Ints
    decision: Ints
    annuity: Floats
    # Planned number of instalments, and the number after which the loan was repaid (fewer: early).
    planned: Ints
    paid_until: Ints
    first_due: Ints
    # Day of termination; NO_DATE while it runs.
    terminated: Ints


@dataclass(frozen=True)
class Cards:
    """The approved cards that were set up, one element each; credit_card_balance follows them."""

    previous: Ints
    client: Ints
    decision: Ints
    # Day of the first drawing; NO_DATE: never used.
    first_drawing: Ints


@dataclass(frozen=True)
class Previous:
    """The table, and the contracts that came of it."""

    columns: Columns
    loans: Loans
    cards: Cards


def draw(rng: np.random.Generator, clients: Clients) -> Previous:
    """Draws the previous applications of a block of clients."""
    per_client = Sampler(rng, _T, len(clients.index))
    wish = per_client.blend((0.35, clients.appetite))
    counts = np.round(per_client.number("rows per client", wish)).astype(np.int64)
    counts = np.minimum(np.where(per_client.happens(_HAS_HISTORY), counts, 0), _MOST_APPLICATIONS)
    client, position = expand(counts)
    s = Sampler(rng, _T, len(client))
    kinds = parameters.previous_kinds()
    kind = _kinds(s, clients, client, position)
    columns: Columns = {
        "SK_ID_PREV": _FIRST_PREVIOUS + clients.index[client] * _MOST_APPLICATIONS + position,
        "SK_ID_CURR": clients.ids[client],
        "NAME_CONTRACT_TYPE": kinds.contract[kind],
        "NAME_CONTRACT_STATUS": kinds.status[kind],
        "PRODUCT_COMBINATION": kinds.product[kind],
    }
    complete = kinds.complete[kind] == 1
    _descriptions(s, columns, complete)
    _amounts(s, columns, complete, clients.affluence[client])
    loans, cards = _contracts(s, columns, client)
    return Previous(columns, loans, cards)


def is_kind(columns: Columns, contract: str) -> Bools:
    """Where the contract type is this one."""
    return np.asarray(columns["NAME_CONTRACT_TYPE"] == code(_T, "NAME_CONTRACT_TYPE", contract))


def has_status(columns: Columns, status: str) -> Bools:
    """Where the lender's or the client's decision is this one."""
    return np.asarray(columns["NAME_CONTRACT_STATUS"] == code(_T, "NAME_CONTRACT_STATUS", status))


def _kinds(s: Sampler, clients: Clients, client: Ints, position: Ints) -> Ints:
    """Draws each row's kind; refusals strike the insolvent and the undisciplined more often.

    Nearly every client of the lender has had a loan, and hardly any two cards: one application of each client is an
    approved loan, and at most one an approved card.
    """
    kinds = parameters.previous_kinds()
    refused = kinds.status == code(_T, "NAME_CONTRACT_STATUS", "Refused")
    strain = -0.4 * clients.solvency - 0.4 * clients.discipline
    # The mean of exp(strain) over the clients is divided out, so that the shares hold overall.
    factor = np.exp(strain - (0.4**2 + 0.4**2) / 2)
    approved = kinds.status == code(_T, "NAME_CONTRACT_STATUS", "Approved")
    revolving = kinds.contract == code(_T, "NAME_CONTRACT_TYPE", "Revolving loans")
    loans = np.where(approved & ~revolving, kinds.share, 0.0)
    cards = np.where(approved & revolving, kinds.share, 0.0)
    # What the first applications take of the approved loans, the others have less of.
    others = kinds.share - cards - loans / loans.sum() / _MEAN_APPLICATIONS
    weights = np.where(refused[None, :], others[None, :] * factor[:, None], others[None, :])
    bounds = np.cumsum(weights, axis=1)
    bounds /= bounds[:, -1:]
    turn = s.uniform()
    drawn: Ints = (bounds[client] < turn[:, None]).sum(axis=1)
    drawn = np.where(position == 0, np.searchsorted(np.cumsum(loans) / loans.sum(), turn), drawn)
    is_card = (position == 1) & s.happens(_CARD_AT_SECOND)
    drawn = np.where(is_card, np.searchsorted(np.cumsum(cards) / cards.sum(), turn), drawn)
    return np.minimum(drawn, len(kinds.share) - 1)


def _descriptions(s: Sampler, columns: Columns, complete: Bools) -> None:
    products = (*catalogue(_T, "PRODUCT_COMBINATION"), "")
    by_product = Given(columns["PRODUCT_COMBINATION"] % len(products), products)
    contracts, statuses = catalogue(_T, "NAME_CONTRACT_TYPE"), catalogue(_T, "NAME_CONTRACT_STATUS")
    outcome = columns["NAME_CONTRACT_TYPE"] * len(statuses) + columns["NAME_CONTRACT_STATUS"]
    by_outcome = Given(outcome, [f"{contract}|{status}" for contract in contracts for status in statuses])
    for name in ("NAME_PAYMENT_TYPE", "NAME_TYPE_SUITE", "CODE_REJECT_REASON", "NAME_CLIENT_TYPE"):
        columns[name] = s.value(name, by_outcome)
    columns["NAME_CASH_LOAN_PURPOSE"] = s.value("NAME_CASH_LOAN_PURPOSE", by_outcome)
    for name in ("NAME_SELLER_INDUSTRY", "CHANNEL_TYPE", "NAME_GOODS_CATEGORY"):
        columns[name] = s.value(name, by_product)
    offers = Sampler(s.rng, _T, int(complete.sum()))
    by_offer = Given(by_product.codes[complete], products)
    columns["NAME_YIELD_GROUP"] = np.full(s.rows, code(_T, "NAME_YIELD_GROUP", "XNA"))
    columns["NAME_YIELD_GROUP"][complete] = offers.value("NAME_YIELD_GROUP", by_offer)
    columns["CNT_PAYMENT"] = np.full(s.rows, np.nan)
    columns["CNT_PAYMENT"][complete] = offers.value("CNT_PAYMENT", by_offer)
    # Outcomes too rare to measure their dates take those of the most frequent incomplete one.
    measured = parameters.quantiles(_T, "DAYS_DECISION")
    dated = [name if name in measured else "Cash loans|Canceled" for name in by_outcome.names]
    # Longer terms are a recent offer.
    term = np.log(np.clip(np.nan_to_num(columns["CNT_PAYMENT"], nan=14.0), 4.0, 60.0) / 14.0) / 0.75
    decision = s.number("DAYS_DECISION", s.blend((0.25, term)), Given(outcome, dated))
    # A few cards date from the start of the records.
    card = is_kind(columns, "Revolving loans") & has_status(columns, "Approved")
    decision = np.where(card & s.happens(0.07), s.rng.integers(-2922, -2700, s.rows), decision)
    columns["DAYS_DECISION"] = np.minimum(np.round(decision), -1).astype(np.int64)
    columns["WEEKDAY_APPR_PROCESS_START"] = s.value("WEEKDAY_APPR_PROCESS_START")
    hour = np.round(s.number("HOUR_APPR_PROCESS_START", s.normal()))
    columns["HOUR_APPR_PROCESS_START"] = hour.astype(np.int64)
    last = ~s.happens(0.0042)
    columns["FLAG_LAST_APPL_PER_CONTRACT"] = last.astype(np.int64) * code(_T, "FLAG_LAST_APPL_PER_CONTRACT", "Y")
    columns["NFLAG_LAST_APPL_IN_DAY"] = (~s.happens(0.0033)).astype(np.int64)
    industries = catalogue(_T, "NAME_SELLER_INDUSTRY")
    area = s.number("SELLERPLACE_AREA", s.normal(), Given(columns["NAME_SELLER_INDUSTRY"], industries))
    columns["SELLERPLACE_AREA"] = np.round(area).astype(np.int64)
    _portfolio(columns, products, complete)


def _portfolio(columns: Columns, products: tuple[str, ...], complete: Bools) -> None:
    portfolio = np.full(len(complete), code(_T, "NAME_PORTFOLIO", "XNA"))
    for contract, name in (("Cash loans", "Cash"), ("Consumer loans", "POS"), ("Revolving loans", "Cards")):
        portfolio[complete & is_kind(columns, contract)] = code(_T, "NAME_PORTFOLIO", name)
    columns["NAME_PORTFOLIO"] = portfolio
    sold = np.full(len(products), code(_T, "NAME_PRODUCT_TYPE", "XNA"))
    for position, product in enumerate(products):
        if "X-Sell" in product:
            sold[position] = code(_T, "NAME_PRODUCT_TYPE", "x-sell")
        elif "Street" in product:
            sold[position] = code(_T, "NAME_PRODUCT_TYPE", "walk-in")
    unknown = code(_T, "NAME_PRODUCT_TYPE", "XNA")
    columns["NAME_PRODUCT_TYPE"] = np.where(complete, sold[columns["PRODUCT_COMBINATION"]], unknown)


def _amounts(s: Sampler, columns: Columns, complete: Bools, affluence: Floats) -> None:
    cash, goods, card = (is_kind(columns, name) for name in ("Cash loans", "Consumer loans", "Revolving loans"))
    approved, canceled = has_status(columns, "Approved"), has_status(columns, "Canceled")
    products = (*catalogue(_T, "PRODUCT_COMBINATION"), "")
    measured = parameters.quantiles(_T, "AMT_APPLICATION")
    # Where no product was settled, no amount was either; the name only fills the place.
    by_product = Given(
        columns["PRODUCT_COMBINATION"] % len(products),
        [name if name in measured else "Cash X-Sell: low" for name in products],
    )
    # A loan for goods states its amount even if no offer was worked out; a card need not state one.
    stated = np.where(card, complete & ~s.happens(0.4), complete | (goods & ~canceled))
    size = s.blend((0.35, affluence))
    asked = np.where(stated, round_to(s.number("AMT_APPLICATION", size, by_product), 4.5), 0.0)

    has_down = (goods & ~s.happens(0.02)) | (cash & stated & s.happens(0.12)) | (card & stated & s.happens(0.03))
    has_down &= ~canceled | s.happens(0.18)
    rate = np.where(goods & stated, s.number("RATE_DOWN_PAYMENT", s.normal()), 0.0)
    down = round_to(asked * rate, 4.5)
    kind = Given(goods.astype(np.int64), ("Cash loans", "Consumer loans"))
    financed = (asked - down) * s.number("AMT_CREDIT / financed", s.normal(), kind)
    cards_limit = Given(
        (columns["PRODUCT_COMBINATION"] == code(_T, "PRODUCT_COMBINATION", "Card Street")).astype(np.int64),
        ("Card X-Sell", "Card Street"),
    )
    limit = round_to(s.number("AMT_CREDIT of cards", size, cards_limit), 4.5)
    credit = np.where(card, np.where(stated, asked, np.where(complete, limit, 0.0)), round_to(financed, 4.5))

    columns["AMT_APPLICATION"] = asked
    columns["AMT_CREDIT"] = credit
    columns["AMT_GOODS_PRICE"] = missing_where(asked == 0, asked)
    columns["AMT_DOWN_PAYMENT"] = missing_where(~has_down, down)
    columns["RATE_DOWN_PAYMENT"] = missing_where(~has_down, np.round(rate, 6))
    columns["AMT_ANNUITY"] = missing_where(~complete, _annuity(s, columns, credit))
    with_rate = goods & approved & s.happens(0.012)
    for name in ("RATE_INTEREST_PRIMARY", "RATE_INTEREST_PRIVILEGED"):
        columns[name] = missing_where(~with_rate, np.round(s.number(name, s.normal()), 6))


def _annuity(s: Sampler, columns: Columns, credit: Floats) -> Floats:
    """The constant payment that repays the credit with interest: ``credit * r / (1 - (1 + r) ** -n)``."""
    rate = np.full(s.rows, 0.03)
    noise = s.normal()
    for (contract, group), (mean, deviation) in _MONTHLY_RATE.items():
        rows = is_kind(columns, contract) & (columns["NAME_YIELD_GROUP"] == code(_T, "NAME_YIELD_GROUP", group))
        rate[rows] = np.maximum(mean + deviation * noise[rows], 0.001)
    count = np.maximum(np.nan_to_num(columns["CNT_PAYMENT"], nan=1.0), 1.0)
    annuity = credit * rate / (1.0 - (1.0 + rate) ** -count)
    return np.where(is_kind(columns, "Revolving loans"), round_to(0.05 * credit, 4.5), np.round(annuity, 3))


def _contracts(s: Sampler, columns: Columns, client: Ints) -> tuple[Loans, Cards]:
    """Draws the dates of what was approved; nothing else has any."""
    approved, card = has_status(columns, "Approved"), is_kind(columns, "Revolving loans")
    goods = is_kind(columns, "Consumer loans")
    # Some contracts never started, or were booked elsewhere.
    dated = approved & ~s.happens_shares(np.where(goods, 0.022, np.where(card, 0.043, 0.078)))
    insured = s.happens_shares(np.where(goods, 0.166, np.where(card, 0.005, 0.803)))
    columns["NFLAG_INSURED_ON_APPROVAL"] = missing_where(~dated, insured)
    decision = columns["DAYS_DECISION"]

    planned = np.maximum(np.nan_to_num(columns["CNT_PAYMENT"], nan=1.0), 1.0).astype(np.int64)
    wait = np.where(goods, np.round(4.0 * s.rng.standard_exponential(s.rows)), 0.0).astype(np.int64)
    first = decision + _DAYS_BETWEEN_INSTALMENTS + np.minimum(wait, 60)
    part = s.number("part of the term when repaid early", s.normal())
    early = s.happens_shares(np.where(goods, 0.4, 0.52)) & (planned > 1)
    paid_until = np.where(early, np.clip(np.round(part * planned), 1, planned), planned).astype(np.int64)
    last_planned = first + _DAYS_BETWEEN_INSTALMENTS * (planned - 1)
    last_due = first + _DAYS_BETWEEN_INSTALMENTS * (paid_until - 1)
    settled = 2 + np.minimum(np.round(4.0 * s.rng.standard_exponential(s.rows)), 30).astype(np.int64)
    over = last_due + settled < 0
    dates = {
        "DAYS_FIRST_DRAWING": np.full(s.rows, NO_DATE),
        "DAYS_FIRST_DUE": first,
        "DAYS_LAST_DUE_1ST_VERSION": last_planned,
        "DAYS_LAST_DUE": np.where(over, last_due, NO_DATE),
        "DAYS_TERMINATION": np.where(over, last_due + settled, NO_DATE),
    }
    for name, values in (dates | _card_dates(s, dates, decision, card)).items():
        columns[name] = missing_where(~dated, values)

    chosen = dated & ~card
    loans = Loans(
        previous=columns["SK_ID_PREV"][chosen],
        client=client[chosen],
        decision=decision[chosen],
        annuity=columns["AMT_ANNUITY"][chosen],
        planned=planned[chosen],
        paid_until=paid_until[chosen],
        first_due=first[chosen],
        terminated=dates["DAYS_TERMINATION"][chosen],
    )
    chosen = approved & card & ~s.happens(0.05)
    drawn = columns["DAYS_FIRST_DRAWING"][chosen]
    return loans, Cards(
        previous=columns["SK_ID_PREV"][chosen],
        client=client[chosen],
        decision=decision[chosen],
        first_drawing=np.nan_to_num(drawn, nan=NO_DATE).astype(np.int64),
    )


def _card_dates(s: Sampler, dates: Columns, decision: Ints, card: Bools) -> Columns:
    """The dates of cards in place of those of loans: a card has no last instalment."""
    # Cards that were never used are mostly recent.
    used = s.happens_shares(np.where(decision < -1000, 0.8, 0.6))
    drawing = decision + np.round(s.number("days to first drawing", s.normal())).astype(np.int64)
    used &= drawing < 0
    due = np.where(used, drawing + 30 + s.rng.integers(0, 25, s.rows), NO_DATE)
    ended = s.happens(0.22) & used & (due < -60)
    end = np.minimum(due + s.rng.integers(0, 700, s.rows), -2)
    terminated = np.where(ended & s.happens(0.4), np.minimum(end + 10, -1), NO_DATE)
    ended_unused = ~used & s.happens(0.17)
    values = {
        "DAYS_FIRST_DRAWING": np.where(used, drawing, NO_DATE),
        "DAYS_FIRST_DUE": due,
        "DAYS_LAST_DUE_1ST_VERSION": np.full(s.rows, NO_DATE),
        "DAYS_LAST_DUE": np.where(ended, end, NO_DATE),
        "DAYS_TERMINATION": np.where(ended_unused, np.minimum(decision + 365, -1), terminated),
    }
    return {name: np.where(card, values[name], dates[name]) for name in values}
