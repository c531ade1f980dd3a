"""How one feature acts on the score over the range of its values, and where the risk turns."""
