"""The ledger in the database: no balance moves but by a posting, and the proof finds any other."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase, org_id_of
from services.budgeting.postings.usecases import prove
from services.budgeting.tests.spending import Spending, funded


@pytest.fixture
async def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


@pytest.fixture
async def moh(database: ServiceDatabase) -> Any:
    """Give a connection with the application's own rights, for MOH."""
    engine = create_async_engine(database.app)
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.org_id', :org, false)"), {"org": str(org_id_of("MOH"))}
        )
        await connection.commit()
        yield connection
    await engine.dispose()


TAMPERING = (
    ("UPDATE appropriation_items SET appropriated_amount = 5000", "moves by a posting alone"),
    ("UPDATE appropriation_items SET allocated_amount = 0", "moves by a posting alone"),
    ("UPDATE allocations SET obligated_amount = 0", "moves by a posting alone"),
    ("UPDATE allotments SET allotted_amount = 5000", "moves by a posting alone"),
    ("UPDATE allotments SET reserved_amount = 1", "moves by a posting alone"),
    ("UPDATE obligations SET disbursed_amount = 1", "moves by a posting alone"),
    ("UPDATE obligations SET amount = 1", "never changed"),
    ("UPDATE obligations SET ors_number = 'x'", "never changed"),
    ("UPDATE obligations SET certified_by = created_by", "ck_obligations_certifier"),
    ("UPDATE obligation_lines SET amount = amount + 1", "do not add up"),
    ("UPDATE disbursements SET approved_by = certified_by", "ck_disbursements_approver"),
    ("UPDATE disbursements SET paid_by = approved_by", "ck_disbursements_payer"),
    ("UPDATE disbursements SET net_amount = 1", "ck_disbursements_net"),
    ("UPDATE postings SET amount = 1", "permission denied"),
    ("DELETE FROM postings", "permission denied"),
)


async def test_the_database_lets_no_balance_move_but_by_a_posting(
    app: FastAPI, spending: Spending, moh: AsyncConnection
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "10.00")
    await spending.paid(obligation, "5.00")
    for statement, rule in TAMPERING:
        with pytest.raises((IntegrityError, DBAPIError), match=rule):  # noqa: PT012 (or at the commit)
            await moh.execute(text(statement))
            await moh.commit()
            pytest.fail(f"taken: {statement}")
        await moh.rollback()


async def test_obligating_takes_few_statements(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    wanted = await spending.requested(allotment, await spending.payee(), "10.00")
    here = spending.at(f"obligations/{wanted['id']}")
    for verb, most in (("certify", 4), ("obligate", 6)):
        etag = (await spending.officer.get(here)).headers["ETag"]
        with CountedStatements(app.state.database.engine) as counted:
            done = await spending.officer.post(f"{here}/{verb}", headers={"If-Match": etag})
        assert done.status_code == 200, done.text
        assert len(counted.statements) <= most, counted.statements


LEVELS = ("appropriation_items", "allocations", "allotments", "obligations")


async def tamper(database: ServiceDatabase) -> None:
    """Change balances and the ledger of MOH past every trigger, as only a superuser could."""
    engine = create_async_engine(database.admin)
    async with engine.begin() as administrator:
        await administrator.execute(text("SET session_replication_role = replica"))
        for table in LEVELS:
            balance = "allocated" if table == "appropriation_items" else "obligated"
            await administrator.execute(
                text(
                    f"UPDATE budgeting.{table} SET {balance}_amount = {balance}_amount - 0.01"
                    f" WHERE org_id = :org AND {balance}_amount > 0"
                ),
                {"org": org_id_of("MOH")},
            )
        await administrator.execute(
            text("DELETE FROM budgeting.postings WHERE kind = 'reserved' AND amount = 3")
        )
    await engine.dispose()


async def test_the_proof_names_every_balance_that_was_tampered_with(
    app: FastAPI, spending: Spending, database: ServiceDatabase
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    payee = await spending.payee()
    obligation = await spending.obligated(allotment, payee, "10.00")
    await spending.paid(obligation, "5.00")
    await spending.done(
        spending.officer,
        "obligations",
        await spending.requested(allotment, payee, "3.00"),
        "certify",
    )
    await funded(app.state.database, "MOLE")
    assert await prove(app.state.database) == {org_id_of("MOH"): [], org_id_of("MOLE"): []}
    await tamper(database)
    found = await prove(app.state.database)
    assert found[org_id_of("MOLE")] == []
    assert {(each.level, each.balance) for each in found[org_id_of("MOH")]} == {
        ("appropriation_items", "allocated_amount"),
        ("allocations", "obligated_amount"),
        ("allotments", "obligated_amount"),
        ("allotments", "reserved_amount"),
        ("obligations", "obligated_amount"),
    }
    off_by = {each.kept_amount - each.posted_amount for each in found[org_id_of("MOH")]}
    assert off_by == {Decimal("-0.01"), Decimal("3.00")}
