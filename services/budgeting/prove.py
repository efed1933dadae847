"""`python -m services.budgeting.prove [--organization ID]`: balances against the ledger.

Exits with 0 when every balance is what its postings add up to, and what is used of the cash what
its charges do; with 1 and a line for each difference when not.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

from libs.chassis.database import Database
from services.budgeting.cash_allocations.usecases import prove_cash
from services.budgeting.postings.usecases import prove
from services.budgeting.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="bmms budget prove", description=__doc__)
    parser.add_argument("--organization", type=UUID, action="append", default=[])
    only = parser.parse_args(arguments).organization
    return asyncio.run(_prove(Settings().database_url, only))


async def _prove(url: str, only: Sequence[UUID]) -> int:
    database = Database(url)
    found = await prove(database, only)
    for org_id, differences in (await prove_cash(database, found)).items():
        found[org_id] += differences
    await database.close()
    for org_id, differences in found.items():
        sys.stdout.writelines(f"{org_id}: {difference}\n" for difference in differences)
    wrong = sum(len(differences) for differences in found.values())
    sys.stdout.write(f"{len(found)} ledgers proven, {wrong} differences\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
