"""What is over is cleared away, and nothing else is."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from services.identity.clearances import queries
from services.identity.clearances.usecases import clear_away
from services.identity.tests.browser import Browser
from services.identity.tests.factories import OPERATOR, a_user
from services.identity.tests.test_signing_keys import administer

TABLES = (
    *("used_proofs", "pushed_requests", "device_authorizations", "authorization_codes"),
    *("refresh_tokens", "authorizations", "sign_in_sessions", "sign_in_attempts"),
)


async def counts(database: Database) -> dict[str, int]:
    async with database.unit_of_work(OPERATOR) as uow:
        return {
            table: await uow.session.scalar(text(f"SELECT count(*) FROM identity.{table}")) or 0
            for table in TABLES
        }


async def test_what_is_over_goes_and_what_may_still_show_something_stays(
    browser: Browser,
    identity: FastAPI,
    transactions: Database,
    database: ServiceDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "MOST", 1)
    await a_user(transactions, "amina@moh.example", MOH="staff")
    for _ in range(2):
        async with Browser(identity) as visitor:
            await visitor.tokens("amina@moh.example")
    await browser.sign_in("amina@moh.example", "a wrong password, again")
    begun = {"client_id": "bmms-cli", "scope": "openid"}
    assert (await browser.post("/oauth2/device_authorization", data=begun)).status_code == 200
    before = await counts(transactions)
    assert not await clear_away(transactions)
    assert await counts(transactions) == before
    for table, columns in (
        ("device_authorizations", ["expires_at"]),
        ("authorizations", ["expires_at"]),
        ("sign_in_sessions", ["signed_in_at"]),
        ("sign_in_attempts", ["counted_since", "blocked_until"]),
    ):
        moved = ", ".join(f"{name} = {name} - interval '30 days'" for name in columns)
        await administer(database, f"UPDATE {table} SET {moved}")
    assert await clear_away(transactions)
    while await clear_away(transactions):
        pass
    assert set((await counts(transactions)).values()) == {0}
