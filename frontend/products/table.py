"""Classified products as a CSV file that a spreadsheet opens."""

from frontend.products.session import Job
from pipeline.spreadsheet import csv_bytes

COLUMNS = ("row", "product", "category", "confident", "probability", "end_not_read", "model_version")
_NEIGHBOUR = ("nearest_{place}", "nearest_{place}_category", "nearest_{place}_similarity")


def csv_file(job: Job) -> bytes:
    """One row a classified product, the most probable category also where unsure."""
    most = max((len(one.neighbours) for one in job.done), default=0)
    header = [*COLUMNS, *(name.format(place=place) for place in range(1, most + 1) for name in _NEIGHBOUR)]
    rows: list[list[str | float | None]] = []
    for product, one in zip(job.products, job.done, strict=False):
        near = [value for found in one.neighbours for value in (found.text, found.label, f"{found.similarity:.4f}")]
        figures = [str(one.confident).lower(), f"{one.probability:.4f}", str(one.truncated).lower(), job.version]
        rows.append([product.row, product.text, one.label, *figures, *near])
    return csv_bytes(header, rows)
