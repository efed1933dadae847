"""`python -m services.identity.onboard COMMAND`: the pilot's commands of the founding documents.

They act on the database as an operator. No password is taken, printed or mailed: people choose
their own by the link in their letter, or by a code that is printed once and works once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from libs.chassis.database import Database
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.imports.schemas import Report
from services.identity.imports.usecases import Wish, take_rows
from services.identity.invitations.usecases import PAGE
from services.identity.pilots import usecases
from services.identity.pilots.schemas import PilotUser
from services.identity.register_files.usecases import read_register
from services.identity.seed import REGISTER_FILE, corrections_of
from services.identity.settings import Settings, load_settings

OPERATOR = Actor.system(UUID(int=0))

Work = Callable[[Database, Settings, argparse.Namespace], Awaitable[int]]


async def import_pilot_users(
    database: Database, settings: Settings, given: argparse.Namespace
) -> int:
    """Invite the people of a file; say every fault by row and column."""
    wish = Wish(
        dry_run=given.dry_run,
        partial=given.partial,
        send_emails=given.send_emails,
        base_url=settings.issuer,
    )
    report = await take_rows(database, OPERATOR, given.file.read_bytes(), wish, _beat)
    for fault in report.faults:
        _say(f"row {fault.row}, {fault.column or 'the row'}: {fault.reason}")
    _say(_summary(report, dry_run=given.dry_run))
    return 1 if report.faults else 0


async def create_pilot_user(
    database: Database, settings: Settings, given: argparse.Namespace
) -> int:
    """Invite one person; with --no-email the printed code opens the account, once."""
    asked = PilotUser(
        email=given.email,
        organization=given.organization,
        role=given.role,
        username=given.username,
        first_name=given.first_name,
        last_name=given.last_name,
        phone=given.phone,
        position=given.position,
        department=given.department,
        send_email=not given.no_email,
    )
    async with database.unit_of_work(OPERATOR) as uow:
        made, code = await usecases.create_pilot_user(uow, asked, base_url=settings.issuer)
    if made is None:
        _say(f"{given.email} belongs to {given.organization} or is invited already")
    elif code:
        _say(f"{made.email} may join {given.organization} as {made.role}, within 72 hours, with")
        _say(f"  {code}")
        _say(f"at {settings.issuer}{PAGE}?secret={code}")
    else:
        _say(f"{made.email} is invited to {given.organization} as {made.role}; the letter leaves")
    return 0


async def generate_pilot_data(
    database: Database, settings: Settings, given: argparse.Namespace
) -> int:
    """Invite made-up people of the pilots, or of one organization."""
    async with database.unit_of_work(OPERATOR) as uow:
        pilots = [pilot.code for pilot in await usecases.load_pilots(uow)]
        codes = [given.moa.upper()] if given.moa else pilots
        new = await usecases.generate_people(uow, codes, given.users, base_url=settings.issuer)
    _say(f"{new} people are new in {', '.join(codes)}; `create_pilot_user` invites further ones")
    return 0


async def load_pilot_moas(
    database: Database, _settings: Settings, _given: argparse.Namespace
) -> int:
    """Begin the pilots' onboarding."""
    async with database.unit_of_work(OPERATOR) as uow:
        for pilot in await usecases.load_pilots(uow):
            _say(f"{pilot.code:<8}{pilot.status:<12}{', '.join(pilot.modules)}")
    return 0


async def assign_role(database: Database, _settings: Settings, given: argparse.Namespace) -> int:
    """Give a member a role."""
    async with database.unit_of_work(OPERATOR) as uow:
        role = await usecases.assign_role(uow, given.user, given.organization, given.role)
    _say(f"{given.user} is {role} of {given.organization}, and got {given.role}")
    return 0


async def ensure_default_organization(
    database: Database, settings: Settings, _given: argparse.Namespace
) -> int:
    """Say whether the installation's own organization is there; the seed makes it."""
    async with database.unit_of_work(OPERATOR) as uow:
        faults = await usecases.verify_register(uow, [], [settings.default_code])
    _say(*(faults or [f"{settings.default_code} is there"]))
    return 1 if faults else 0


async def verify_organization_data(
    database: Database, settings: Settings, _given: argparse.Namespace
) -> int:
    """Check the register against its file and its rules."""
    corrections = corrections_of(settings)
    with REGISTER_FILE.open(encoding="utf-8-sig", newline="") as file:
        entries = read_register(file)
    needed = [settings.default_code, settings.ocm_organization_code]
    async with database.unit_of_work(OPERATOR) as uow:
        faults = await usecases.verify_register(uow, entries, needed)
    over = f", corrected by {corrections.name}" if corrections else ""
    _say(*(faults or [f"the register has all {len(entries)} organizations of the file{over}"]))
    return 1 if faults else 0


async def _beat(_done: int) -> bool:
    return True


def _summary(report: Report, *, dry_run: bool) -> str:
    told = f"{report.rows_total} rows: {report.invited} invited, {report.known} known already,"
    kept = "" if report.is_applied else " (dry run)" if dry_run else "; nothing was kept"
    return f"{told} {report.failed} with faults{kept}"


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201 (a command reports)


class _NoPassword(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_told: object) -> None:
        """Refuse the founding documents' option, without repeating what was typed."""
        parser.error("no password is taken here: people choose their own by a link or a code")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bmms", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    load = commands.add_parser("import_pilot_users")
    load.add_argument("file", type=Path)
    for flag in ("--dry-run", "--send-emails", "--partial"):
        load.add_argument(flag, action="store_true")
    user = commands.add_parser("create_pilot_user")
    user.add_argument("--email", required=True)
    user.add_argument("--organization", "--moa", required=True, type=str.upper)
    user.add_argument("--role", help="an administrator when nobody is yet, otherwise staff")
    user.add_argument("--username")
    for name in ("--first-name", "--last-name", "--phone", "--position", "--department"):
        user.add_argument(name, default="")
    user.add_argument("--password", action=_NoPassword, help=argparse.SUPPRESS)
    user.add_argument("--no-email", action="store_true", help="print a code instead, once")
    role = commands.add_parser("assign_role")
    role.add_argument("--user", "--email", "--username", required=True)
    role.add_argument("--organization", "--moa", required=True, type=str.upper)
    role.add_argument("--role", required=True)
    made_up = commands.add_parser("generate_pilot_data")
    made_up.add_argument("--moa")
    made_up.add_argument("--users", type=int, default=5)
    for name in ("load_pilot_moas", "ensure_default_organization", "verify_organization_data"):
        commands.add_parser(name)
    return parser


COMMANDS: dict[str, Work] = {
    work.__name__: work
    for work in (
        import_pilot_users,
        create_pilot_user,
        generate_pilot_data,
        load_pilot_moas,
        assign_role,
        ensure_default_organization,
        verify_organization_data,
    )
}


async def run(settings: Settings, given: argparse.Namespace) -> int:
    """Do one command and return its exit code."""
    database = Database(settings.database_url, info=settings.session_info())
    try:
        return await COMMANDS[given.command](database, settings, given)
    finally:
        await database.close()


def main(arguments: list[str] | None = None) -> None:
    """Run the command; what is refused is one line and exit code 1."""
    given = _parser().parse_args(arguments)
    try:
        code = asyncio.run(run(load_settings(), given))
    except (Refusal, OSError) as fault:
        print(f"bmms: {getattr(fault, 'title', 'failed:')} {fault}", file=sys.stderr)  # noqa: T201
        code = 1
    except ValidationError as invalid:
        for each in invalid.errors(include_input=False):
            where = ".".join(map(str, each["loc"]))
            print(f"bmms: {where}: {each['msg']}", file=sys.stderr)  # noqa: T201
        code = 1
    raise SystemExit(code)


if __name__ == "__main__":
    main()
