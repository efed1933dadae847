"""Shapes of imports: a row of the file, a fault, and what is told about it all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
)

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, RecordRead, Shape
from services.identity.imports.model import (
    COLUMNS,
    MOST_FAULTS,
    MOST_ROWS,
    REQUIRED,
    ROLE_MAP,
    ImportFileUnreadable,
    ImportStatus,
)
from services.identity.invitations.schemas import Address, InvitationCreate, Label, Phone

Word = Annotated[str, StringConstraints(min_length=1, max_length=74, pattern=r"\S")]


def _international(value: object) -> object:
    """Return a Philippine number as the world writes it: +63 for a leading 0 or 63."""
    if not isinstance(value, str):
        return value
    digits = "".join(value.split()).replace("-", "")
    if digits.startswith("0"):
        return f"+63{digits[1:]}"
    return f"+{digits}" if digits.startswith("63") else digits


def _yes_or_no(value: object) -> object:
    words = {
        "": False,
        "no": False,
        "false": False,
        "0": False,
        "yes": True,
        "true": True,
        "1": True,
    }
    return words.get(value.lower(), value) if isinstance(value, str) else value


YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]


class ImportRow(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    email: Address
    first_name: Word
    last_name: Word
    organization: Annotated[str, Field(min_length=1, max_length=20)]
    role: Literal["pilot_admin", "planner", "budget_officer", "me_officer", "viewer"]
    phone: Annotated[Phone, BeforeValidator(_international)] = ""
    department: Label = ""
    position: Label = ""
    username: Annotated[str, Field(max_length=150, pattern=r"^[^@\s]*$")] = ""
    language: Literal["", "en", "fil"] = ""
    can_approve_plans: YesNo = False
    can_approve_budgets: YesNo = False

    def invitation(self, username: str, *, send_email: bool) -> InvitationCreate:
        """Return what the line asks for."""
        role, functional_roles = ROLE_MAP[self.role]
        flags = [
            flag for flag in ("can_approve_plans", "can_approve_budgets") if getattr(self, flag)
        ]
        return InvitationCreate.model_validate(
            {
                "email": self.email,
                "full_name": f"{self.first_name} {self.last_name}",
                "role": role,
                "flags": flags,
                "functional_roles": list(functional_roles),
                "position": self.position,
                "department": self.department,
                "phone": self.phone,
                "language": self.language or "en",
                "username": username or None,
                "send_email": send_email,
            }
        )


class Fault(ReadShape):
    """What is wrong: the line of the file, its column, and why; never what stood there."""

    row: int
    column: str
    reason: str


@dataclass(slots=True)
class Report:
    """What became of a file, line by line."""

    rows_total: int = 0
    invited: int = 0
    known: int = 0
    faults: list[Fault] = field(default_factory=list)
    is_applied: bool = False
    is_stopped: bool = False

    @property
    def failed(self) -> int:
        """How many lines have a fault."""
        return len({fault.row for fault in self.faults})

    def blame(self, row: int, column: str, reason: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(row=row, column=column, reason=reason))


def read_rows(content: bytes, report: Report) -> Iterator[tuple[int, ImportRow]]:
    """Yield each good line with its number; note every fault of the others."""
    reader = _reader(content)
    seen: dict[str, int] = {}
    for values in _values(reader):
        number = reader.line_num
        report.rows_total += 1
        if report.rows_total > MOST_ROWS:
            raise ImportFileUnreadable(f"A file has at most {MOST_ROWS} rows.")
        if None in values or None in values.values():
            report.blame(number, "", "The row has more or fewer cells than the header.")
            continue
        try:
            row = ImportRow.model_validate(values)
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False):
                report.blame(number, ".".join(map(str, fault["loc"])), fault["msg"])
            continue
        first = seen.setdefault(row.email.lower(), number)
        if first != number:
            report.blame(number, "email", f"The address stands in row {first} already.")
            continue
        yield number, row


def _values(reader: csv.DictReader[str]) -> Iterator[dict[Any, Any]]:
    try:
        yield from reader
    except csv.Error as error:
        raise ImportFileUnreadable(f"Row {reader.line_num} is broken: {error}.") from error


def _reader(content: bytes) -> csv.DictReader[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFileUnreadable("It is not UTF-8: save it as “CSV UTF-8”.") from error
    if "\x00" in text:
        raise ImportFileUnreadable("It is no text.")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise ImportFileUnreadable("The first row is no header.") from error
    missing = [name for name in REQUIRED if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing:
        raise ImportFileUnreadable(f"Columns are missing: {', '.join(missing)}.")
    if unknown or len(set(header)) != len(header):
        raise ImportFileUnreadable("A column is unknown or stands there twice.")
    reader.fieldnames = header
    return reader


def kept(faults: list[Fault]) -> list[dict[str, Any]]:
    """Return the faults to store: the first thousand say enough."""
    return [fault.model_dump() for fault in faults[:MOST_FAULTS]]


class ImportCreate(Shape):
    """A file to be checked, and to be taken unless it is a dry run."""

    file: Annotated[str, Field(max_length=1_000_000, description="The CSV, as text in UTF-8.")]
    dry_run: StrictBool = False
    partial: Annotated[
        StrictBool, Field(description="Take the good rows; otherwise all or nothing.")
    ] = False
    send_emails: StrictBool = False


class ImportRead(RecordRead):
    """An import: how far it is, and what was wrong."""

    status: ImportStatus
    dry_run: bool
    partial: bool
    send_emails: bool
    rows_total: int
    rows_done: int
    invited: int
    known: int
    failed: int
    is_applied: bool
    faults: list[Fault]
    settled_at: AwareDatetime | None


class ImportListParams(ListParams):
    """Which imports, and in which order."""

    status: ImportStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"


class ImportPage(Page[ImportRead]):
    """One page of an organization's imports."""
