"""Labels that look wrong, by confident learning.

Northcutt, C., Jiang, L. and Chuang, I. (2021), "Confident learning: estimating uncertainty in dataset labels", JAIR 70.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues

from pipeline.products.classifier.model import Floats, Labels
from pipeline.products.suspect import Suspect
from pipeline.products.table import Product
from pipeline.spreadsheet import csv_bytes


def find(products: Sequence[Product], labels: Labels, held_out: Floats) -> tuple[Suspect, ...]:
    """Lists the products whose labels look wrong, the least likely label first.

    Args:
        products: the products.
        labels: their categories, shape (n,).
        held_out: probabilities by models that had not seen the product, shape (n, classes), alphabetical order.
    """
    classes = np.unique(labels)
    codes = np.searchsorted(classes, labels)
    order = find_label_issues(codes, held_out, return_indices_ranked_by="self_confidence", n_jobs=1)
    best = held_out.argmax(axis=1)
    return tuple(
        Suspect(
            identifier=products[row].identifier,
            name=products[row].name,
            given=str(labels[row]),
            suggested=str(classes[best[row]]),
            probability_given=float(held_out[row, codes[row]]),
            probability_suggested=float(held_out[row, best[row]]),
        )
        for row in order
    )


def write(file: Path, suspects: Sequence[Suspect]) -> None:
    """Writes them as a file for a spreadsheet."""
    rows = (list(suspect.model_dump().values()) for suspect in suspects)
    file.write_bytes(csv_bytes(list(Suspect.model_fields), rows))
