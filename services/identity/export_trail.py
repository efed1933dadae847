"""`python -m services.identity.export_trail`: write one organization's whole trail to a file."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import UUID

from libs.chassis.database import Database
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.audit_chains.usecases import export_trail
from services.identity.audit_events.model import PLATFORM
from services.identity.audit_events.queries import serve
from services.identity.audit_events.usecases import record
from services.identity.organizations.model import OrganizationNotFound
from services.identity.organizations.queries import find_organization_by_code
from services.identity.settings import Settings, load_settings

OPERATOR = Actor.system(UUID(int=0))
THE_PLATFORM = "PLATFORM"


async def export(settings: Settings, code: str, out: Path) -> int:
    """Write the trail line by line, for its reader alone, and record that it was exported."""
    database = Database(settings.database_url, info=settings.session_info())
    lines = 0
    try:
        async with database.unit_of_work(OPERATOR) as uow:
            org_id = PLATFORM
            if code != THE_PLATFORM:
                organization = await find_organization_by_code(uow.session, code)
                if organization is None:
                    raise OrganizationNotFound(f"The register has no {code}.")
                org_id = organization.id
            await serve(uow.session, org_id)
            with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                async for line in export_trail(uow, org_id):
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    lines += 1
        async with database.unit_of_work(OPERATOR) as uow:
            await record(uow, "audit_trail.exported", entity="audit_trail", org_id=org_id)
    finally:
        await database.close()
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="services.identity.export_trail", description=__doc__)
    parser.add_argument("--organization", required=True, help=f"a code, or {THE_PLATFORM}")
    parser.add_argument("--out", type=Path, required=True, help="where to write")
    given = parser.parse_args(arguments)
    try:
        lines = asyncio.run(export(load_settings(), given.organization, given.out))
    except (Refusal, OSError) as fault:
        print(f"identity: {getattr(fault, 'title', 'failed:')} {fault}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
    print(f"{lines} lines in {given.out}", flush=True)  # noqa: T201 (a command reports)


if __name__ == "__main__":
    main()
