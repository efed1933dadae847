"""Writing and reading the files of reports; what is written depends on the record alone."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from enum import StrEnum

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from python_calamine import CalamineError, CalamineWorkbook

from libs.refusals import Invalid
from services.budgeting.report_prints.model import Paper, paper_of, print_sheet
from services.budgeting.report_sheets.model import Printable, Signed, sheet_of
from services.budgeting.report_workbooks.model import csv_file, workbook

PDF = "application/pdf"
MOST_PAGES = 2_000

_HASH = re.compile(r"[0-9a-f]{64}")


class FileKind(StrEnum):
    """In which form a report leaves."""

    xlsx = "xlsx"
    pdf = "pdf"
    csv = "csv"


def kind_of(content: bytes) -> FileKind:
    """Return the kind of a file by how it begins, whatever its name or media type says."""
    if content.startswith(b"%PDF-"):
        return FileKind.pdf
    return FileKind.xlsx if content.startswith(b"PK") else FileKind.csv


class FileNotReadable(Invalid):
    """The file is damaged, or none of this kind."""

    title = "The file could not be read."


def render(
    report: Printable, kind: FileKind, signed: Sequence[Signed] = (), paper: Paper | None = None
) -> bytes:
    """Return the file of a report with the signatures that it has; paper is for prints alone."""
    sheet = sheet_of(report, signed)
    if kind == FileKind.pdf:
        return print_sheet(sheet, paper)
    return workbook(sheet) if kind == FileKind.xlsx else csv_file(sheet)


def closest(
    report: Printable, kind: FileKind, signed: Sequence[Signed], content: bytes
) -> list[str]:
    """Return the lines in which a file differs from the record, as it was signed at some time.

    A file that was printed before somebody signed is as true as one that was printed after it.
    """
    paper = _paper_of(content) if kind == FileKind.pdf else None
    fewest: list[str] | None = None
    for many in range(len(signed), -1, -1):
        printed = render(report, kind, signed[:many], paper)
        if printed == content:
            return []
        differing = compare(kind, content, printed)
        if fewest is None or len(differing) < len(fewest):
            fewest = differing
    return fewest or []


def hashes_in(kind: FileKind, content: bytes) -> list[str]:
    """Return the hashes that a file states, or refuse what cannot be read."""
    return list(dict.fromkeys(_HASH.findall("\n".join(lines_of(kind, content)))))


def compare(kind: FileKind, given: bytes, printed: bytes) -> list[str]:
    """Return the lines that only one of the two files has, marked by whose they are."""
    ours, theirs = lines_of(kind, printed), lines_of(kind, given)
    only_theirs = [f"file: {line}" for line in theirs if line not in set(ours)]
    only_ours = [f"record: {line}" for line in ours if line not in set(theirs)]
    return (only_theirs + only_ours) or ["the file was saved anew; every line is the same"]


def lines_of(kind: FileKind, content: bytes) -> list[str]:
    """Return what a file says, line by line, or refuse what cannot be read."""
    try:
        if kind == FileKind.csv:
            return content.decode("utf-8-sig").splitlines()
        if kind == FileKind.xlsx:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            rows = [
                row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
            ]
            return [" | ".join(str(cell) for cell in row) for row in rows]
        pages = PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]
        return [line for page in pages for line in page.extract_text().splitlines()]
    except (CalamineError, PyPdfError, ValueError, KeyError, OSError) as error:
        raise FileNotReadable(str(error)[:200], pointer="/body") from error


def _paper_of(content: bytes) -> Paper:
    try:
        return paper_of(float(PdfReader(io.BytesIO(content)).pages[0].mediabox.width))
    except (PyPdfError, IndexError, ValueError, KeyError, OSError) as error:
        raise FileNotReadable(str(error)[:200], pointer="/body") from error
