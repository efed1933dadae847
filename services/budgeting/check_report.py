"""`python -m services.budgeting.check_report FILE`: whether a report's file equals the record.

Exits with 0 when the file is what the record prints and the ledger still says the same, with 1
and the lines that differ when not, with 2 when the file is no report of this system.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from libs.chassis.database import Database
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.budgeting.report_files.model import FileKind, kind_of, lines_of
from services.budgeting.reports.schemas import CheckRead
from services.budgeting.reports.usecases import check_report
from services.budgeting.settings import Settings

SAME, DIFFERENT, UNKNOWN = 0, 1, 2

_ORGANIZATION = re.compile(
    r"Organization.*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.DOTALL
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="bmms report check", description=__doc__)
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file
    try:
        content = path.read_bytes()
        found = asyncio.run(_check(Settings().database_url, kind_of(content), content))
    except (OSError, Refusal) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return UNKNOWN
    if found is None:
        sys.stderr.write("The file names no organization: it is no report of this system.\n")
        return UNKNOWN
    return _tell(found)


async def _check(url: str, kind: FileKind, content: bytes) -> CheckRead | None:
    stated = _ORGANIZATION.search("\n".join(lines_of(kind, content)))
    if stated is None:
        return None
    database = Database(url)
    try:
        async with database.unit_of_work(Actor.system(UUID(stated.group(1)))) as uow:
            return await check_report(uow, kind, content)
    finally:
        await database.close()


def _tell(found: CheckRead) -> int:
    sys.stdout.writelines(f"{line}\n" for line in found.differing_lines)
    sys.stdout.writelines(f"ledger: {row}\n" for row in found.differing_rows)
    file = "equals the record" if found.is_unchanged else "differs from the record"
    ledger = "still says the same" if found.is_current else "says otherwise by now"
    sys.stdout.write(f"The file {file}; the ledger {ledger}. Hash {found.content_hash}\n")
    return SAME if found.is_unchanged and found.is_current else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
