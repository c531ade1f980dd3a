"""Labels that look wrong, by confident learning.

Northcutt, C., Jiang, L. and Chuang, I. (2021), "Confident learning: estimating uncertainty in dataset labels", JAIR 70.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues

from pipeline.products.classifier.model import Floats, Labels
from pipeline.products.suspect import Suspect
from pipeline.products.table import Product


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
    """Writes them as CSV (UTF-8 with the mark that spreadsheets look for)."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(Suspect.model_fields))
        writer.writeheader()
        writer.writerows(suspect.model_dump() for suspect in suspects)
