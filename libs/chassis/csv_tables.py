"""Tables as CSV: no cell is a formula to the program that opens them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

CSV = "text/csv"

_FORMULA = re.compile(r"(?!-[0-9]+(\.[0-9]+)?\Z)\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""What a spreadsheet would run, also behind blanks or full width; a negative number is none."""


def csv_of(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table with its headings, in which no cell is a formula."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    for row in rows:
        table.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in row])
    return written.getvalue()
