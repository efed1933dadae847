"""Signing keys: a current and a next one, and no private half in sight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.chassis.database import Database
from libs.chassis.sealing import CannotUnseal, Sealer
from libs.chassis.testing import SEALING_KEY, ServiceDatabase
from services.identity.rotate_keys import rotate
from services.identity.settings import Settings
from services.identity.signing_keys.model import LIFE, SigningKey
from services.identity.signing_keys.usecases import ensure_signing_keys, rotate_keys, turn_keys
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import OPERATOR, a_user, pass_time


def test_a_key_is_known_by_its_thumbprint_and_shows_its_public_half_only() -> None:
    key = SigningKey.generate(datetime(2026, 1, 1, tzinfo=UTC), Sealer(SEALING_KEY))
    assert key.kid == key.key(Sealer(SEALING_KEY)).thumbprint()
    assert set(key.public_jwk) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_the_private_half_opens_with_the_key_of_the_installation_alone() -> None:
    key = SigningKey.generate(datetime(2026, 1, 1, tzinfo=UTC), Sealer(SEALING_KEY))
    assert b'"d"' not in key.sealed_private_jwk
    with pytest.raises(CannotUnseal):
        key.key(Sealer(Sealer.new_key()))
    key.kid = "another row"
    with pytest.raises(CannotUnseal):
        key.key(Sealer(SEALING_KEY))


async def test_current_and_next_key_are_published(browser: Browser) -> None:
    answer = await browser.get("/oauth2/jwks")
    keys = answer.json()["keys"]
    assert len(keys) == 2
    assert {(key["kty"], key["crv"], key["alg"]) for key in keys} == {("EC", "P-256", "ES256")}
    assert not [key for key in keys if "d" in key]
    assert answer.headers["cache-control"] == "public, max-age=300"


async def test_the_next_key_takes_over_by_itself_and_the_old_one_still_verifies(
    browser: Browser, transactions: Database, database: ServiceDatabase
) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff")
    await browser.tokens("amina@moh.example")
    first = set(await published(browser))
    await pass_time(database, f"{LIFE.days} days")
    await pass_time(database, "1 minute")
    async with transactions.unit_of_work(OPERATOR) as uow:
        assert len(await ensure_signing_keys(uow)) == 1
    second = await published(browser)
    assert first < set(second)
    assert (await browser.get("/api/v1/identity/me")).status_code == 200
    await pass_time(database, "2 hours")
    assert len(await published(browser)) == 2


async def test_a_late_next_key_is_published_a_day_ahead(
    browser: Browser, transactions: Database, database: ServiceDatabase
) -> None:
    await pass_time(database, "1000 days")
    async with transactions.unit_of_work(OPERATOR) as uow:
        await ensure_signing_keys(uow)
        newest = await uow.session.scalar(text("SELECT max(signs_from) FROM identity.signing_keys"))
        assert newest - uow.now() >= timedelta(hours=24)


async def test_rotating_gives_everybody_a_day_to_learn_the_next_key(
    browser: Browser, transactions: Database
) -> None:
    before = await published(browser)
    async with transactions.unit_of_work(OPERATOR) as uow:
        turn = await rotate_keys(uow)
        assert timedelta(hours=23) < turn - uow.now() <= timedelta(hours=24)
    assert await published(browser) == before


async def test_a_next_key_known_for_long_takes_over_at_once(
    browser: Browser, transactions: Database, database: ServiceDatabase
) -> None:
    following, current = await published(browser)
    await administer(database, "UPDATE signing_keys SET created_at = now() - interval '2 days'")
    async with transactions.unit_of_work(OPERATOR) as uow:
        assert await rotate_keys(uow) == uow.now()
    after = await published(browser)
    assert after[1:] == [following, current]
    assert after[0] not in (following, current)


async def test_compromised_keys_are_gone_at_once(
    browser: Browser, transactions: Database, database: ServiceDatabase
) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff")
    await browser.tokens("amina@moh.example")
    before = set(await published(browser))
    command = Settings(**database.settings(issuer=ISSUER))
    await rotate(command, compromised=True)
    assert not before & set(await published(browser))
    browser.app.state.verifier._keys._fetched_at = float("-inf")
    browser.app.state.verifier._keys._asked_at = float("-inf")
    browser.app.state.verifier._verified.clear()
    assert (await browser.get("/api/v1/identity/me")).status_code == 401


async def test_the_worker_turns_keys_on_schedule_and_forgets_old_ones(
    transactions: Database, database: ServiceDatabase
) -> None:
    for _ in range(4):
        await pass_time(database, "91 days")
        await turn_keys(transactions)
    async with transactions.unit_of_work(OPERATOR) as uow:
        kept = (await uow.session.scalars(select(SigningKey.signs_from))).all()
    assert 2 <= len(kept) <= 4


async def administer(database: ServiceDatabase, statement: str) -> None:
    engine = create_async_engine(database.admin, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("SET search_path = identity"))
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.mark.parametrize("role", ["ro", "relay"])
async def test_no_other_login_reads_keys_or_people(database: ServiceDatabase, role: str) -> None:
    engine = create_async_engine(getattr(database, role), poolclass=NullPool)
    for table in ("signing_keys", "users", "sign_in_sessions", "refresh_tokens"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with engine.connect() as connection:
                await connection.execute(text(f"SELECT * FROM identity.{table}"))
    await engine.dispose()


async def published(browser: Browser) -> list[str]:
    return [key["kid"] for key in (await browser.get("/oauth2/jwks")).json()["keys"]]
