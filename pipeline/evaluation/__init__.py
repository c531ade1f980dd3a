"""How good, how fair and how steady a score is: pure functions of labels and probabilities of default.

Throughout: ``labels`` is 1 for a default and 0 for a repaid loan; ``probability`` is the probability of default, 0..1;
a *threshold* is on the probability of repayment, as in the model manifest: accept from it on.
"""
