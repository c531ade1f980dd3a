"""CSV files that people open with a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

# With one of these a spreadsheet begins a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> bytes:
    """A CSV file (RFC 4180, UTF-8 with the mark that spreadsheets look for); None is an empty cell.

    A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP: CSV injection).
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str | float | None) -> str | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
