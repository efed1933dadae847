"""`python -m services.identity.rotate_keys`: let the next signing key sign."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from uuid import UUID

from libs.chassis.database import Database
from libs.tenancy.actor import Actor
from services.identity.settings import Settings, load_settings
from services.identity.signing_keys.usecases import rotate_keys

OPERATOR = Actor.system(UUID(int=0))


async def rotate(settings: Settings, *, compromised: bool) -> datetime:
    """Do it in one transaction, and return from when on the new key signs."""
    database = Database(settings.database_url, info=settings.session_info())
    try:
        async with database.unit_of_work(OPERATOR) as uow:
            return await rotate_keys(uow, compromised=compromised)
    finally:
        await database.close()


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="services.identity.rotate_keys", description=__doc__)
    parser.add_argument("--compromised", action="store_true", help="at once, without notice")
    given = parser.parse_args(arguments)
    turn = asyncio.run(rotate(load_settings(), compromised=given.compromised))
    print(f"the new key signs from {turn:%Y-%m-%d %H:%M} UTC on", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
