"""`python -m services.planning.import_ppas FILE...`: published PPAs into the register.

Each file is one organization's and one transaction: all that is good in it is imported, the rest
reported with its place and reason. Running it twice changes nothing; a file that fails, or an
interruption, leaves that file's organization as it was and the other files as they are.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError

from libs.chassis.database import Database
from libs.refusals import Refusal
from libs.tenancy.actor import OVERSIGHT, SYSTEM_USER_ID, Actor
from services.planning.known_organizations.model import KnownOrganization, find_owner
from services.planning.known_organizations.queries import list_known_organizations
from services.planning.ppa_files.model import LARGEST_FILE, FileNotReadable, PpaFile, RowKind
from services.planning.ppa_files.schemas import read_ppa_file
from services.planning.ppa_imports.schemas import FileReport, ImportReport, Tally
from services.planning.ppa_imports.usecases import Source, import_ppa_file
from services.planning.ppas.model import EARLIEST_YEAR, LATEST_YEAR
from services.planning.settings import Settings

DEFAULT_YEAR = 2025
UNIQUE_VIOLATION = "23505"
ALL_THERE, REPORTED, USAGE, INTERRUPTED = 0, 1, 2, 130

READER = Actor(SYSTEM_USER_ID, UUID(int=0), "", permissions=(OVERSIGHT,))
"""Who reads the remembered register as a whole; of no organization, so that it writes nothing."""

HEADINGS = ("File", "Organization", "Rows read", "Imported", "Updated", "Unchanged", "Reported")

Told = dict[UUID, dict[tuple[RowKind, str], str]]
"""By organization: which file of this run was the first to have a row."""

log = logging.getLogger("bmms.import")


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator asks for; `chosen` maps the acronym of a file to a code of the register."""

    files: Sequence[Path]
    fiscal_year: int = DEFAULT_YEAR
    chosen: Mapping[str, str] = field(default_factory=dict)
    is_dry_run: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 when something is reported, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    files = list(dict.fromkeys(path.absolute() for path in options.files))
    order = Order(files, options.fiscal_year, dict(options.chosen), options.dry_run)
    try:
        settings = Settings()
    except ValidationError as error:
        names = sorted(f"PLANNING_{fault['loc'][0]}".upper() for fault in error.errors())
        _say(f"import_ppas: set {', '.join(names)} in the environment.")
        return USAGE
    report = ImportReport(fiscal_year=order.fiscal_year, dry_run=order.is_dry_run)
    try:
        asyncio.run(_run(settings.database_url, order, report))
    except KeyboardInterrupt:
        report.interrupted = True
    told = [report.model_dump_json(indent=2)] if options.json else _in_full(report)
    sys.stdout.writelines(f"{line}\n" for line in told)
    if report.interrupted:
        _say("Interrupted: the file at work was rolled back; those in the table are as they say.")
        return INTERRUPTED
    return ALL_THERE if report.is_clean else REPORTED


async def _run(database_url: str, order: Order, report: ImportReport) -> None:
    database = Database(database_url, pool_size=1)
    try:
        await import_files(database, order, report, tell=_say)
    finally:
        await database.close()


async def import_files(
    database: Database, order: Order, report: ImportReport, *, tell: Callable[[str], None]
) -> None:
    """Import the files one after the other, adding each to the report as it is done."""
    told: Told = {}
    for number, path in enumerate(order.files, start=1):
        place = f"[{number}/{len(order.files)}] {path.name}"
        tell(f"{place} …")
        done = await _import_one(database, path, order, told)
        report.files.append(done)
        tell(f"{place}: {_in_words(done)}")
    met = {done.acronym.upper() for done in report.files}
    for acronym in sorted(order.chosen.keys() - met):
        tell(f"--as {acronym}={order.chosen[acronym]}: no file has this acronym.")


async def _import_one(database: Database, path: Path, order: Order, told: Told) -> FileReport:
    try:
        with path.open("rb") as opened:
            file = read_ppa_file(opened.read(LARGEST_FILE + 1))
    except OSError as error:
        return FileReport(file=path.name, fault=f"the file cannot be opened: {error.strerror}")
    except FileNotReadable as refused:
        return FileReport(file=path.name, fault=str(refused))
    try:
        owner = await _owner(database, file, order.chosen)
        before = told.setdefault(owner.id, {})
        source = Source(path.name, order.fiscal_year, before)
        done = await _apply(database, file, source, owner, is_dry_run=order.is_dry_run)
    except Exception as error:  # noqa: BLE001 (one bad file never stops the others)
        return FileReport.refused(path.name, file, _why(error))
    before.update({key: before.get(key, path.name) for key in file.told})
    done.organization = owner.code
    return done


async def _owner(database: Database, file: PpaFile, chosen: Mapping[str, str]) -> KnownOrganization:
    async with database.unit_of_work(READER) as uow:
        known = await list_known_organizations(uow.session)
    if not known:
        raise LookupError("the register of organizations has not arrived: is the worker running?")
    return find_owner(file.acronym, file.moa, known, chosen)


async def _apply(
    database: Database, file: PpaFile, source: Source, owner: KnownOrganization, *, is_dry_run: bool
) -> FileReport:
    async with database.unit_of_work(Actor.system(owner.id, owner.code)) as uow:
        done = await import_ppa_file(uow, file, source)
        if is_dry_run:
            # Everything is written first, so that what the database refuses is reported too.
            await uow.flush()
            await uow.session.rollback()
    return done


def _why(error: Exception) -> str:
    """Say in a line why a file was rolled back."""
    if isinstance(error, Refusal | LookupError):
        return str(error)
    if isinstance(error, IntegrityError):
        if getattr(error.orig, "sqlstate", "") == UNIQUE_VIOLATION:
            return "a change made at the same moment stood in the way; run it again"
        return f"the database refused it: {error.orig}".splitlines()[0]
    if isinstance(error, DBAPIError | OSError):
        return f"the database did not answer: {error}".splitlines()[0]
    log.error("unexpected fault", exc_info=error)
    return f"unexpected fault: {error!r}"


def _in_words(done: FileReport) -> str:
    if done.fault:
        return f"nothing is imported: {done.fault}"
    tallied = done.total.model_dump(exclude={"read"})
    return ", ".join(f"{n} {what}" for what, n in tallied.items() if n) or "no rows"


def _in_full(report: ImportReport) -> Iterator[str]:
    """Yield what was reported, row by row, and then the table."""
    for done in report.files:
        if done.fault:
            yield f"{done.file}: nothing is imported: {done.fault}"
        for row in done.reported:
            yield f"{done.file}:{row.line}: {row.path}: {row.reason}"
        for name in done.no_longer_in_file:
            yield f"{done.file}: kept, but the file no longer has it: {name}"
        if done.removed_indicators:
            yield f"{done.file}: {done.removed_indicators} indicators left with the file's change"
    yield ""
    lines = [(done.file, done.organization or "-", *_figures(done.total)) for done in report.files]
    table = [HEADINGS, *lines, ("Total", "", *_figures(report.total))]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
    for line in table:
        left = [text.ljust(width) for text, width in zip(line[:2], widths[:2], strict=True)]
        right = [text.rjust(width) for text, width in zip(line[2:], widths[2:], strict=True)]
        yield "  ".join([*left, *right]).rstrip()
    yield f"Fiscal year {report.fiscal_year}." + (" Dry run: nothing kept." * report.dry_run)


def _figures(tally: Tally) -> list[str]:
    return [f"{number:,}" for number in tally.model_dump().values()]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _year(text: str) -> int:
    year = int(text)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise argparse.ArgumentTypeError(f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return year


def _pair(text: str) -> tuple[str, str]:
    acronym, sign, code = (part.strip().upper() for part in text.partition("="))
    if not (acronym and sign and code):
        raise argparse.ArgumentTypeError("write ACRONYM=CODE, such as MPW=MPWH")
    return acronym, code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="import_ppas", description="Import published PPAs: each row is imported or reported."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="one organization's")
    parser.add_argument(
        "--fiscal-year",
        type=_year,
        default=DEFAULT_YEAR,
        help="the published files name no year; assumed %(default)s",
    )
    parser.add_argument(
        "--as",
        dest="chosen",
        type=_pair,
        action="append",
        default=[],
        metavar="ACRONYM=CODE",
        help="take files of this acronym for the organization of this code; may be repeated",
    )
    parser.add_argument("--dry-run", action="store_true", help="report, and keep nothing")
    parser.add_argument("--json", action="store_true", help="the report as JSON, every row in it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
