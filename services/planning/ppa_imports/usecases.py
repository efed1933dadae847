"""Bringing the register in line with one published file; what a person changed is never undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from libs.outbox.uow import UnitOfWork
from services.planning.indicators.model import indicator_keys
from services.planning.ppa_files.model import PpaFile, PpaRow, ProvisionRow, RowKind
from services.planning.ppa_imports.schemas import FileReport, Outcome
from services.planning.ppas.events import PpaChanged, PpaEvent, PpaRegistered
from services.planning.ppas.model import Ppa, PpaStatus
from services.planning.ppas.queries import get_last_number, list_ppas_of_year
from services.planning.ppas.usecases import ppa_code
from services.planning.special_provisions.model import SpecialProvision
from services.planning.special_provisions.queries import list_provisions_of_year
from services.planning.spellings.model import title_key


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from, and for which year.

    `told` says which earlier file of the run had a row, so that two never overwrite each other.
    """

    file: str
    fiscal_year: int
    told: Mapping[tuple[RowKind, str], str]


@dataclass(slots=True)
class _Import:
    uow: UnitOfWork
    source: Source
    file: PpaFile
    report: FileReport
    announced: list[tuple[type[PpaEvent], Ppa]] = field(default_factory=list)


async def import_ppa_file(uow: UnitOfWork, file: PpaFile, source: Source) -> FileReport:
    """Import every good row of a file into the organization's register, and report the others.

    A row that is there already, as the file has it, stays untouched: no new version, no event.
    """
    work = _Import(uow, source, file, FileReport.begun(source.file, file))
    await _import_ppas(work)
    await _import_provisions(work)
    await uow.session.flush()
    for event, ppa in work.announced:
        uow.publish(event.about(ppa), of=ppa)
    return work.report


async def _import_ppas(work: _Import) -> None:
    year, session = work.source.fiscal_year, work.uow.session
    number = await get_last_number(session, work.uow.actor.org_id, year)
    held = await list_ppas_of_year(session, year)
    imported = {ppa.source_key: ppa for ppa in held if ppa.source_key}
    by_hand = {title_key(ppa.title): ppa for ppa in held if not ppa.source_key}
    for row in work.file.ppas:
        known, other = imported.get(row.key), by_hand.get(title_key(row.title))
        if known is None and other is not None:
            _refuse(work, row, f"{other.code} of this title was registered by hand; it stands")
        elif known is None:
            number += 1
            _add(work, row, ppa_code(year, number))
        else:
            _update(work, row, known)
    gone = (ppa for ppa in imported.values() if not _is_named(work, RowKind.ppa, ppa))
    work.report.no_longer_in_file += [f"{ppa.code} “{ppa.title}”" for ppa in gone]


def _add(work: _Import, row: PpaRow, code: str) -> None:
    ppa = Ppa(
        code=code,
        title=row.title,
        description=row.description,
        fiscal_year=work.source.fiscal_year,
        status=PpaStatus.planning,
        status_reason="",
        approved_budget_amount=row.approved_budget_amount,
        source_file=work.source.file,
        source_position=str(row.place),
        source_key=row.key,
        source_digest=row.digest,
        indicators=[],
    )
    ppa.put_indicators([each.told for each in row.indicators])
    work.uow.session.add(ppa)
    work.announced.append((PpaRegistered, ppa))
    work.report.count_all(row.places, Outcome.imported)


def _update(work: _Import, row: PpaRow, ppa: Ppa) -> None:
    if ppa.source_digest == row.digest:
        work.report.count_all(row.places, Outcome.unchanged)
    elif ppa.is_edited_by_hand:
        _refuse(work, row, f"{ppa.code} was changed by hand after its import; it stands")
    elif earlier := work.source.told.get((RowKind.ppa, row.key)):
        _refuse(work, row, f"{earlier}, imported before it, says otherwise")
    else:
        _overwrite(work, row, ppa)


def _overwrite(work: _Import, row: PpaRow, ppa: Ppa) -> None:
    told = [each.told for each in row.indicators]
    before = [each.told for each in ppa.indicators]
    earlier = dict(zip(indicator_keys(before), before, strict=True))
    ppa.put_indicators(told)
    work.report.count(row.place, Outcome.updated)
    keys = indicator_keys(told)
    for key, each in zip(keys, row.indicators, strict=True):
        same = Outcome.unchanged if earlier.get(key) == each.told else Outcome.updated
        work.report.count(each.place, same if key in earlier else Outcome.imported)
    work.report.removed_indicators += len(earlier.keys() - set(keys))
    ppa.title, ppa.description = row.title, row.description
    ppa.approved_budget_amount = row.approved_budget_amount
    ppa.source_file, ppa.source_position = work.source.file, str(row.place)
    ppa.source_digest = row.digest
    work.announced.append((PpaChanged, ppa))


async def _import_provisions(work: _Import) -> None:
    held = await list_provisions_of_year(work.uow.session, work.source.fiscal_year)
    known = {provision.source_key: provision for provision in held}
    for position, row in enumerate(work.file.provisions, start=1):
        _import_provision(work, row, known.get(row.key), position)
    gone = (each for each in held if not _is_named(work, RowKind.special_provision, each))
    work.report.no_longer_in_file += [f"special provision “{each.title}”" for each in gone]


def _import_provision(
    work: _Import, row: ProvisionRow, known: SpecialProvision | None, position: int
) -> None:
    outcome = Outcome.imported if known is None else Outcome.updated
    if known is None:
        known = SpecialProvision(fiscal_year=work.source.fiscal_year, source_key=row.key)
        work.uow.session.add(known)
    elif known.is_told(row.title, row.details):
        work.report.count(row.place, Outcome.unchanged)
        return
    elif earlier := work.source.told.get((RowKind.special_provision, row.key)):
        work.report.refuse(row.place, f"{earlier}, imported before it, says otherwise")
        return
    known.position, known.title, known.details = position, row.title, row.details
    known.source_file, known.source_position = work.source.file, str(row.place)
    work.report.count(row.place, outcome)


def _refuse(work: _Import, row: PpaRow, reason: str) -> None:
    work.report.refuse(row.place, reason)
    for each in row.indicators:
        work.report.refuse(each.place, f"its PPA, {row.place.path}, is not imported", follows=True)


def _is_named(work: _Import, kind: RowKind, held: Ppa | SpecialProvision) -> bool:
    """Whether the file still has what it brought before."""
    return held.source_file != work.source.file or (kind, held.source_key) in work.file.named
