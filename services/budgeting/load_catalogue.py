"""`python -m services.budgeting.load_catalogue`: the files of `data/` into their tables.

The migrations do it; after an edit of a file it is done again. A row is known by its key and first
year: the same file twice changes nothing, and a row that is left out stays, because lines of past
years stand on it. To end a code, give it a last year.
"""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

DATA = Path(__file__).parent / "data"
FILES = {
    "object_codes": ("code",),
    "capital_thresholds": (),
    "endorsement_rules": ("endorser", "basis", "value"),
    "benchmarks": ("quarter",),
    "report_deadlines": ("kind",),
}
"""The tables that are data of the product, and what identifies a row beside its first year."""

WHOLE = (
    *("valid_from", "valid_to"),
    *("quarter", "obligated_percent", "disbursed_percent", "days"),
)
EVER = 9999


def load(connection: Connection, folder: Path = DATA, tables: Iterable[str] = FILES) -> int:
    """Bring the tables in line with the files; return how many rows were new or changed."""
    return sum(
        _store(connection, table, FILES[table], read_rows(folder / f"{table}.csv", FILES[table]))
        for table in tables
    )


def read_rows(path: Path, key: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of a file; raises ValueError when two are for the same thing and year."""
    key = tuple(key)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            {name: _value(name, told) for name, told in row.items()} for row in csv.DictReader(file)
        ]
    rows.sort(key=lambda row: [row[name] for name in (*key, "valid_from")])
    for before, after in pairwise(rows):
        same = all(before[name] == after[name] for name in key)
        if same and after["valid_from"] <= (before["valid_to"] or EVER):
            raise ValueError(f"{path.name}: two rows for {after} in one year")
    return rows


def _value(name: str, told: str) -> Any:
    if name in WHOLE:
        return int(told) if told else None
    if name == "is_sample":
        return told == "yes"
    # A rule for everything has an empty value, which is part of its key.
    return told if told or name == "value" else None


def _store(
    connection: Connection, table: str, key: Iterable[str], rows: list[dict[str, Any]]
) -> int:
    names = list(rows[0])
    keys = [*key, "valid_from"]
    others = [name for name in names if name not in keys]
    values = ", ".join(
        f"CAST(:{name} AS numeric)" if name == "amount" else f":{name}" for name in names
    )
    statement = text(
        f"INSERT INTO budgeting.{table} AS held ({', '.join(names)}) VALUES ({values})"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in others)}"
        f" WHERE ({', '.join(f'held.{name}' for name in others)})"
        f" IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in others)})"
    )
    return sum(connection.execute(statement, row).rowcount for row in rows)


async def _load(url: str) -> int:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL ROLE budgeting_owner"))
        changed = await connection.run_sync(load)
    await engine.dispose()
    return changed


def main() -> int:
    """Run the command; return its exit code."""
    changed = asyncio.run(_load(os.environ["BUDGETING_MIGRATION_DATABASE_URL"]))
    sys.stdout.write(f"{changed} rows were new or changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
