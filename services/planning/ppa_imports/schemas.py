"""The report of an import: what was read, what became of it, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, Field, computed_field

from services.planning.ppa_files.model import Place, PpaFile, RowKind


class Outcome(StrEnum):
    imported = "imported"
    updated = "updated"
    unchanged = "unchanged"


class Tally(BaseModel):
    """Rows of one kind; `read` is counted in the file, the rest where it is decided."""

    read: int = 0
    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    reported: int = 0

    def __add__(self, other: Tally) -> Tally:
        sums = {name: getattr(self, name) + getattr(other, name) for name in Tally.model_fields}
        return Tally(**sums)


class ReportedRow(BaseModel):
    """A row that was not imported; `follows` when only because what it is part of was not."""

    kind: RowKind
    path: str
    line: int
    reason: str
    follows: bool


class FileReport(BaseModel):
    """What became of one file; `fault` says why nothing of it was imported."""

    file: str
    acronym: str = ""
    organization: str = ""
    fault: str = ""
    tallies: dict[RowKind, Tally] = Field(
        default_factory=lambda: {kind: Tally() for kind in RowKind}
    )
    reported: list[ReportedRow] = []
    no_longer_in_file: list[str] = []
    removed_indicators: int = 0

    @classmethod
    def begun(cls, name: str, file: PpaFile) -> FileReport:
        """Begin with what was read, and with the rows that can never be imported."""
        report = cls(file=name, acronym=file.acronym)
        for place in (*file.places, *(fault.place for fault in file.faults)):
            report.tallies[place.kind].read += 1
        for fault in file.faults:
            report.refuse(fault.place, fault.reason, follows=fault.follows)
        return report

    @classmethod
    def refused(cls, name: str, file: PpaFile, reason: str) -> FileReport:
        """Report every row of a file as not imported, for one reason."""
        report = cls.begun(name, file)
        report.fault = reason
        for place in file.places:
            report.refuse(place, "nothing of this file is imported", follows=True)
        return report

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def total(self) -> Tally:
        """All kinds of rows together."""
        return sum(self.tallies.values(), Tally())

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left for a person to look at."""
        return not (self.fault or self.reported or self.no_longer_in_file)

    def count(self, place: Place, outcome: Outcome) -> None:
        """Count what became of a row."""
        tally = self.tallies[place.kind]
        setattr(tally, outcome, getattr(tally, outcome) + 1)

    def count_all(self, places: Iterable[Place], outcome: Outcome) -> None:
        """Count the same for several rows."""
        for place in places:
            self.count(place, outcome)

    def refuse(self, place: Place, reason: str, *, follows: bool = False) -> None:
        """Report a row as not imported."""
        self.tallies[place.kind].reported += 1
        self.reported.append(
            ReportedRow(
                kind=place.kind, path=place.path, line=place.line, reason=reason, follows=follows
            )
        )


class ImportReport(BaseModel):
    """What became of all files of one run."""

    fiscal_year: int
    dry_run: bool
    interrupted: bool = False
    files: list[FileReport] = []

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def total(self) -> Tally:
        """All files together."""
        return sum((file.total for file in self.files), Tally())

    @property
    def is_clean(self) -> bool:
        """Whether every row of every file is in the register."""
        return all(file.is_clean for file in self.files)
