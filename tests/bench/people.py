"""Organizations and people by the thousand, copied into identity's database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from libs.tenancy.actor import SYSTEM_USER_ID
from services.identity.organizations.model import organization_id
from services.identity.users.model import hash_password

PASSWORD = "thirty seven green lanterns"
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)

Record = dict[str, Any]


def address(name: str, number: int) -> str:
    """Return the e-mail address of one of the people called `name`."""
    return f"{name}{number}@bench.example"


async def generate(url: str, name: str, *, users: int, at_moh: int, organizations: int = 0) -> None:
    """Copy people, the first of them into MOH, the others into as many new organizations."""
    connection = await asyncpg.connect(url)
    try:
        org_ids = [organization_id(f"bench-{n}") for n in range(organizations)]
        if organizations:
            await _copy(connection, "organizations", map(_organization, range(organizations)))
        user_ids = [uuid7() for _ in range(users)]
        hashed = hash_password(PASSWORD)
        people = (_user(address(name, n), user_ids[n], hashed) for n in range(users))
        await _copy(connection, "users", people)
        homes = [organization_id("moh")] * at_moh
        homes += [org_ids[n % organizations] for n in range(users - at_moh)]
        await _copy(connection, "memberships", map(_membership, range(users), user_ids, homes))
        await connection.execute("ANALYZE identity.users, identity.memberships")
    finally:
        await connection.close()


async def _copy(connection: asyncpg.Connection, table: str, rows: Iterator[Record]) -> None:
    first = next(rows)
    await connection.copy_records_to_table(
        table,
        schema_name="identity",
        columns=list(first),
        records=(tuple(row.values()) for row in (first, *rows)),
    )


def _organization(number: int) -> Record:
    return {
        "id": organization_id(f"bench-{number}"),
        "key": f"bench-{number}",
        "code": f"B{number:05d}",
        "name": f"Office {number} of the benchmark",
        "org_type": "office",
        "is_moa": False,
        "is_pilot": False,
        "is_active": True,
        "modules": ["planning"],
        "verified": "no",
        "source_note": "",
        "version": 1,
    }


def _user(email: str, user_id: UUID, hashed: str) -> Record:
    return {
        "id": user_id,
        "email": email,
        "full_name": "Person of the Benchmark",
        "password_hash": hashed,
        "password_changed_at": BEGAN,
        "status": "active",
        "version": 1,
        "phone": "",
        "language": "en",
        "must_change_password": False,
        "must_enrol_factor": False,
        "lock_reason": "",
        "deactivated_reason": "",
    }


def _membership(number: int, user_id: UUID, org_id: UUID) -> Record:
    at = BEGAN + timedelta(seconds=number)
    return {
        "org_id": org_id,
        "id": uuid7(),
        "user_id": user_id,
        "role": "staff",
        "is_primary": True,
        "is_active": True,
        **dict.fromkeys(("can_manage_users", "can_approve_plans", "can_approve_budgets"), False),
        "can_view_reports": True,
        "position": "",
        "department": "",
        "joined_on": date(2025, 1, 1),
        "version": 1,
        "created_at": at,
        "created_by": SYSTEM_USER_ID,
        "updated_at": at,
        "updated_by": SYSTEM_USER_ID,
    }
