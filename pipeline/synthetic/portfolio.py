"""All tables of one block of clients."""

import numpy as np

from pipeline.synthetic import application, bureau, credit_card, loans, population, previous_application
from pipeline.synthetic.columns import Columns


def draw(seed: int, block: int) -> dict[str, Columns]:
    """Draws a block of clients with their histories; tables by name, ``application`` with all clients.

    Depends on seed and block alone. Every table draws from a stream of its own.
    """
    clients = population.draw(seed, block)

    def rng(table: str) -> np.random.Generator:
        return population.stream(seed, block, table)

    reported = bureau.draw(rng("bureau"), clients)
    previous = previous_application.draw(rng("previous_application"), clients)
    statements = credit_card.draw(rng("credit_card_balance"), clients, previous.cards)
    paying = rng("installments_payments")
    payments = loans.pay(paying, clients, previous.loans)
    of_loans = loans.instalments(paying, clients, previous.loans, payments)
    of_cards = credit_card.instalments(paying, statements)
    paid = {name: np.concatenate([of_loans[name], of_cards[name]]) for name in of_loans}
    by_client = np.lexsort((paid["DAYS_INSTALMENT"], paid["SK_ID_PREV"], paid["SK_ID_CURR"]))
    return {
        "application": application.draw(rng("application"), clients),
        "bureau": reported.columns,
        "bureau_balance": bureau.draw_balance(rng("bureau_balance"), clients, reported),
        "previous_application": previous.columns,
        "POS_CASH_balance": loans.pos_balance(rng("POS_CASH_balance"), clients, previous.loans, payments),
        "installments_payments": {name: values[by_client] for name, values in paid.items()},
        "credit_card_balance": statements,
    }
