"""Word weights of a text (TF-IDF), as scikit-learn's ``TfidfVectorizer`` computes them, without scikit-learn.

Words and pairs of neighbouring words, lower case, counted as ``1 + log(count)``, times the inverse document frequency,
scaled to length 1. The parity with scikit-learn is tested.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

# TfidfVectorizer's own: words of two letters or more.
TOKEN = r"(?u)\b\w\w+\b"
_TOKEN = re.compile(TOKEN)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The known terms, each with its column, and the inverse document frequency of every column, shape (terms,)."""

    columns: Mapping[str, int]
    inverse_document_frequency: npt.NDArray[np.float64]

    def weights(self, text: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Columns of the known terms of a text, and their weights; both empty where no term is known."""
        words = _TOKEN.findall(text.lower())
        terms = Counter([*words, *(f"{one} {other}" for one, other in pairwise(words))])
        known = {self.columns[term]: count for term, count in terms.items() if term in self.columns}
        columns = np.fromiter(known, dtype=np.intp, count=len(known))
        counts = np.fromiter((1 + math.log(count) for count in known.values()), dtype=np.float64, count=len(known))
        values = counts * self.inverse_document_frequency[columns]
        length = float(np.sqrt(values @ values))
        return columns, values / length if length else values
