"""Numbers that read well."""

import math
from decimal import Decimal
from itertools import count


def roundest(lower: float, upper: float, near: float) -> float:
    """The number in ``lower < x <= upper`` that reads best: 0, or else a multiple of the largest 1 or 5 times 10^n.

    Of several such multiples the one nearest to ``near``.

    Args:
        lower: finite.
        upper: finite and larger.
        near: in the interval.
    """
    if lower < 0 <= upper:
        return 0.0
    # By their decimal digits: 0.3 is three times 0.1.
    low, high, middle = (Decimal(repr(x)) for x in (lower, upper, near))
    # It ends with the last digit of the upper bound.
    for exponent in count(max(low.adjusted(), high.adjusted()) + 1, -1):
        for digit in (5, 1):
            step = Decimal(digit).scaleb(exponent)
            first, last = math.floor(low / step) + 1, math.floor(high / step)
            if first <= last:
                return float(min(max(round(middle / step), first), last) * step)
    raise AssertionError("every number has a last digit")
