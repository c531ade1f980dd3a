"""Arithmetic over whole columns of the portfolio: pure functions of NumPy arrays, NaN meaning missing.

Outcomes are 1 for a default and 0 for a repaid loan, scores are probabilities of repayment. What is told of outcomes
is always of many clients together.
"""
