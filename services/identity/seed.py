"""`python -m services.identity.seed`: what a new installation starts with; safe to repeat.

Loads the register, makes the signing keys and the product's clients, and, where BMMS_HOME names a
state folder, the demo accounts. It says what it did, never a password.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from libs.chassis.database import Database
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.clients.usecases import ensure_clients
from services.identity.demo_accounts.schemas import demo_people, read_accounts, write_accounts
from services.identity.demo_accounts.usecases import ensure_demo_accounts
from services.identity.organizations.queries import find_organization_by_code
from services.identity.register_files.schemas import RegisterDifference
from services.identity.register_files.usecases import load_register, read_register
from services.identity.settings import CONTRADICTION, Settings, load_settings
from services.identity.signing_keys.usecases import ensure_signing_keys

REGISTER_FILE = Path(__file__).parent / "data" / "organizations.csv"
CORRECTIONS = "organizations.corrections.csv"
"""The operator's file over the shipped one; it lies in the state folder, or beside the register."""
OPERATOR = Actor.system(UUID(int=0))


async def seed(settings: Settings, register: Path, *, dry_run: bool) -> None:
    """Do all of it, one transaction for each part."""
    database = Database(settings.database_url, info=settings.session_info())
    try:
        await _load(database, register, corrections_of(settings), dry_run=dry_run)
        if dry_run:
            return
        await _check_codes(database, settings)
        async with database.unit_of_work(OPERATOR) as uow:
            _say(f"signing keys: {len(await ensure_signing_keys(uow))} new")
        async with database.unit_of_work(OPERATOR) as uow:
            _say(f"clients: {len(await ensure_clients(uow, settings.issuer))} new or repaired")
        if settings.home:
            await _make_demo_accounts(database, settings, Path(settings.home))
    finally:
        await database.close()


def corrections_of(settings: Settings) -> Path | None:
    """Return the operator's corrections, when there are any."""
    folders = [Path(settings.home)] if settings.home else []
    found = [folder / CORRECTIONS for folder in (*folders, REGISTER_FILE.parent)]
    return next((path for path in found if path.exists()), None)


async def _load(
    database: Database, register: Path, corrections: Path | None, *, dry_run: bool
) -> None:
    with ExitStack() as files:
        opened = [
            files.enter_context(path.open(encoding="utf-8-sig", newline=""))
            for path in (register, corrections)
            if path is not None
        ]
        entries = read_register(*opened)
    async with database.unit_of_work(OPERATOR) as uow:
        differences = await load_register(uow, entries, dry_run=dry_run)
    for line in _lines(differences):
        _say(line)
    counted = Counter(difference.action for difference in differences)
    would = "would be " if dry_run else ""
    _say(
        f"register: {len(entries)} organizations in the file; {would}registered"
        f" {counted['register']}, {would}changed {counted['change']}, same {counted['same']},"
        f" not in the file {counted['not_in_file']}"
    )


def _lines(differences: Iterable[RegisterDifference]) -> Iterable[str]:
    for difference in differences:
        if difference.action == "register":
            yield f"+ {difference.code}"
        for name, (before, after) in difference.changes.items():
            yield f"~ {difference.code} {name}: {before!r} -> {after!r}"
        if difference.action == "not_in_file":
            yield f"? {difference.code} is not in the file and stays as it is"


async def _check_codes(database: Database, settings: Settings) -> None:
    async with database.unit_of_work(OPERATOR) as uow:
        for name, code in (
            ("DEFAULT_ORGANIZATION_CODE", settings.default_code),
            ("OCM_ORGANIZATION_CODE", settings.ocm_organization_code),
        ):
            if await find_organization_by_code(uow.session, code) is None:
                _complain(f"{name}={code} and the register contradict each other: no such code.")
                raise SystemExit(CONTRADICTION)


async def _make_demo_accounts(database: Database, settings: Settings, home: Path) -> None:
    people = demo_people(oversight=settings.ocm_organization_code, home=settings.default_code)
    async with database.unit_of_work(OPERATOR) as uow:
        accounts = await ensure_demo_accounts(uow, people, read_accounts(home))
        path = write_accounts(home, accounts)
    _say(f"demo accounts: {len(accounts)}, with their passwords in {path}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (a command reports)


def _complain(line: str) -> None:
    print(f"identity: {line}", file=sys.stderr)  # noqa: T201 (a command reports)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="services.identity.seed", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="show what the register would get")
    parser.add_argument("--register", type=Path, default=REGISTER_FILE, help="another file")
    given = parser.parse_args(arguments)
    try:
        asyncio.run(seed(load_settings(), given.register, dry_run=given.dry_run))
    except (Refusal, OSError) as fault:
        _complain(f"{getattr(fault, 'title', 'failed:')} {fault}")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
