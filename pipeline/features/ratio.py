"""The one division of the features."""

import ibis


def ratio(numerator: ibis.Value, denominator: ibis.Value) -> ibis.Value:
    """Numerator over denominator; missing, never infinite, where the denominator is zero or next to it."""
    quotient = numerator / denominator.nullif(0)
    return ibis.ifelse(quotient.isinf(), ibis.null("float64"), quotient)
