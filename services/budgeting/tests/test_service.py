"""Budgeting as a service: its schema, its fences in the database, its events, its statements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from uuid_utils.compat import uuid7

from libs.chassis.testing import (
    CountedStatements,
    Person,
    ServiceContract,
    ServiceDatabase,
    check_schema,
    migrate,
    org_id_of,
)
from services.budgeting.tests.factories import (
    a_line,
    a_program,
    a_proposal,
    act,
    created,
    proposals_of,
)


@pytest.fixture
async def moh(database: ServiceDatabase) -> AsyncIterator[AsyncConnection]:
    """Give a connection with the application's own rights, for MOH."""
    engine = create_async_engine(database.app)
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.org_id', :org, false)"), {"org": str(org_id_of("MOH"))}
        )
        await connection.commit()
        yield connection
    await engine.dispose()


async def test_the_migrations_say_what_the_models_say_and_go_back(
    database: ServiceDatabase,
) -> None:
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        await connection.run_sync(check_schema, "budgeting")
        await connection.run_sync(migrate, "budgeting", "base")
        left = await connection.run_sync(lambda c: inspect(c).get_table_names(schema="budgeting"))
        assert left == ["alembic_version"]
        routines = await connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'budgeting'::regnamespace")
        )
        assert routines == 0
        await connection.run_sync(migrate, "budgeting")
        await connection.run_sync(check_schema, "budgeting")
    await engine.dispose()


DECIDE = (
    "UPDATE proposals SET status = 'rejected', decided_by = '{by}', decided_at = now()"
    " WHERE id = '{id}'"
)


async def test_the_database_lets_no_preparer_decide(
    person: Callable[..., Person], moh: AsyncConnection
) -> None:
    author, editor, submitter, reviewer = (person("MOH") for _ in range(4))
    proposal = await created(author)
    here = f"{proposals_of(editor)}/{proposal['id']}"
    await editor.patch(here, json={"description": "Edited"}, headers={"If-Match": '"1"'})
    await act(submitter, proposal, "submit")
    await act(reviewer, proposal, "review")
    for by in (author, editor, submitter, reviewer):
        with pytest.raises(IntegrityError, match=r"ck_proposals_(approver|reviewer)"):
            await moh.execute(text(DECIDE.format(by=by.user_id, id=proposal["id"])))
        await moh.rollback()
    with pytest.raises(IntegrityError, match="ck_proposals_preparers"):
        await moh.execute(text("UPDATE proposals SET preparers = '{}'"))
    await moh.rollback()
    await moh.execute(text(DECIDE.format(by=uuid7(), id=proposal["id"])))
    await moh.commit()
    with pytest.raises(IntegrityError, match="never changed"):
        await moh.execute(text("UPDATE proposals SET status = 'draft', decided_by = NULL"))
    await moh.rollback()


ANOTHER_ANNUAL = """
INSERT INTO proposals (org_id, id, title, description, fiscal_year, kind, status, revision, remarks,
    total_requested_amount, preparers, version, created_at, created_by, updated_at, updated_by)
SELECT org_id, gen_random_uuid(), title, description, fiscal_year, kind, status, revision, remarks,
    0, preparers, 1, now(), created_by, now(), updated_by FROM proposals
"""


LINES, SUMS = "UPDATE line_items SET ", "the sums of budgeting."
PROGRAMS, PROPOSALS = "UPDATE programs SET ", "UPDATE proposals SET "
UNTRUE = (
    (LINES + "unit_cost_amount = -1, requested_amount = -quantity", "line_items_unit_cost"),
    (LINES + "unit_cost_amount = 'NaN', requested_amount = 'NaN'", "line_items_unit_cost"),
    (LINES + "quantity = 0, requested_amount = 0", "line_items_quantity"),
    (LINES + "quantity = quantity + 1", "line_items_requested"),
    (LINES + "requested_amount = requested_amount + 0.01", "line_items_requested"),
    (LINES + "approved_amount = requested_amount + 0.01", "line_items_approved"),
    (LINES + "approved_amount = -0.01", "line_items_approved"),
    (LINES + "q1_amount = requested_amount", "line_items_quarters"),
    (LINES + "q1_amount = 1, q2_amount = 1, q3_amount = 1, q4_amount = 1", "quarters_sum"),
    (
        LINES + "q1_amount = -1, q2_amount = 1, q3_amount = 0, q4_amount = requested_amount",
        "quarters_positive",
    ),
    (LINES + "object_code = '12'", "line_items_object_code"),
    (LINES + "expense_class = 'PS'", "line_items_expense_class"),
    (LINES + "unit_cost_amount = 0, requested_amount = 0", SUMS + "programs"),
    (LINES + "approved_amount = requested_amount", SUMS + "programs"),
    ("DELETE FROM line_items", SUMS + "programs"),
    (PROGRAMS + "requested_amount = requested_amount - 0.01", SUMS + "programs"),
    (PROGRAMS + "approved_amount = 0", SUMS + "programs"),
    (PROGRAMS + "priority_rank = 1", "uq_programs_org_id_proposal_id_priority_rank"),
    (PROGRAMS + "priority_rank = 0", "programs_priority_rank"),
    ("WITH gone AS (DELETE FROM line_items) DELETE FROM programs", SUMS + "proposals"),
    (PROPOSALS + "total_requested_amount = total_requested_amount + 0.01", SUMS + "proposals"),
    (PROPOSALS + "total_requested_amount = -1", "proposals_requested"),
    (PROPOSALS + "total_approved_amount = 0", "proposals_approved_known"),
    (PROPOSALS + "status = 'withdrawn'", "proposals_status"),
    (PROPOSALS + "status = 'submitted'", "proposals_submitted_known"),
    (PROPOSALS + "submitted_at = now()", "proposals_submitted"),
    (PROPOSALS + "decided_at = now()", "proposals_decided"),
    (PROPOSALS + "fiscal_year = 26", "proposals_fiscal_year"),
    (PROPOSALS + "number = 1", "proposals_number"),
    (ANOTHER_ANNUAL, "uq_proposals_annual"),
)


async def test_the_database_refuses_what_does_not_add_up(
    person: Callable[..., Person], moh: AsyncConnection
) -> None:
    await created(person("MOH"))
    for statement, rule in UNTRUE:
        with pytest.raises(IntegrityError, match=rule):  # noqa: PT012 (sums are checked at the commit)
            assert (await moh.execute(text(statement))).rowcount, statement
            await moh.commit()
            pytest.fail(f"taken: {statement}")
        await moh.rollback()


@pytest.mark.parametrize("table", ["decisions", "submissions"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET revision = 9", "DELETE FROM {}"])
async def test_the_record_is_append_only(
    person: Callable[..., Person], moh: AsyncConnection, table: str, verb: str
) -> None:
    staff = person("MOH")
    await act(staff, await created(staff), "submit")
    assert await moh.scalar(text(f"SELECT count(*) FROM {table}")) == 1
    with pytest.raises(DBAPIError, match="permission denied"):
        await moh.execute(text(verb.format(table)))


async def test_reading_and_listing_take_few_statements(
    person: Callable[..., Person], app: FastAPI
) -> None:
    staff = person("MOH")
    programs = [a_program(title=f"P{n}", line_items=[a_line()] * 10) for n in range(10)]
    proposal = await created(staff, programs=programs)
    for number in range(20):
        await created(staff, kind="supplemental", title=f"S{number}", programs=[])
    engine = app.state.database.engine
    with CountedStatements(engine) as reading:
        told = (await staff.get(f"{proposals_of(staff)}/{proposal['id']}")).json()
    assert sum(len(program["line_items"]) for program in told["programs"]) == 100
    assert told["total_requested_amount"] == "1500600.00"
    assert len(reading.statements) <= 3, reading.statements
    with CountedStatements(engine) as listing:
        page = (await staff.get(proposals_of(staff), params={"count": "exact"})).json()
    assert (len(page["items"]), page["total"]) == (20, 21)
    assert len(listing.statements) <= 3, listing.statements
    await act(staff, proposal, "submit")
    with CountedStatements(engine) as deciding:
        await staff.get(f"{proposals_of(staff)}/{proposal['id']}/decisions")
    assert len(deciding.statements) <= 3, deciding.statements
    with CountedStatements(engine) as approving:
        approved = await act(person("MOH"), proposal, "approve")
    assert approved.json()["total_approved_amount"] == "1500600.00"
    assert sum("UPDATE budgeting.line_items" in each for each in approving.statements) == 1


async def announced(database: ServiceDatabase) -> list[Any]:
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT subject, aggregate_version, data FROM budgeting.outbox ORDER BY position")
        )
        rows = list(found)
    await engine.dispose()
    return rows


async def test_events_carry_the_public_state_and_drafts_none(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff, manager = person("MOH"), person("MOH")
    proposal = await created(staff, programs=[a_program()])
    assert await announced(database) == []
    await act(staff, proposal, "submit")
    await act(staff, proposal, "withdraw")
    await act(staff, proposal, "submit")
    approved = (await act(manager, proposal, "approve")).json()
    told = await announced(database)
    assert [(row.subject.split(".")[2], row.data["status"]) for row in told] == [
        ("submitted", "submitted"),
        ("withdrawn", "withdrawn"),
        ("submitted", "submitted"),
        ("approved", "approved"),
    ]
    assert told[1].data["submitted_at"] is None
    assert told[-1].aggregate_version == approved["version"]


async def test_an_event_says_all_that_others_may_know(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff, manager = person("MOH"), person("MOH")
    proposal = await created(staff, programs=[a_program()])
    await act(staff, proposal, "submit")
    approved = (await act(manager, proposal, "approve")).json()
    told = (await announced(database))[-1].data
    amounts = {"requested_amount": "15006.00", "approved_amount": "15006.00"}
    assert told.pop("programs") == [
        {
            "program_id": proposal["programs"][0]["id"],
            "ppa_id": None,
            "title": "Primary care in every barangay",
            "requested_amount": "30012.00",
            "approved_amount": "30012.00",
        }
    ]
    assert told == {
        "proposal_id": proposal["id"],
        "fiscal_year": proposal["fiscal_year"],
        "kind": "annual",
        "title": "Health budget",
        "revision": 1,
        "status": "approved",
        "total_requested_amount": "30012.00",
        "total_approved_amount": "30012.00",
        "totals_by_class": [{"expense_class": name, **amounts} for name in ("mooe", "co")],
        "submitted_at": approved["submitted_at"],
        "decided_at": approved["decided_at"],
    }


async def test_a_refused_step_announces_and_keeps_nothing(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    empty = await created(staff, programs=[])
    answer = await act(staff, empty, "submit")
    assert (answer.status_code, answer.json()["code"]) == (409, "proposal_incomplete")
    here = f"{proposals_of(staff)}/{empty['id']}"
    assert (await staff.get(f"{here}/submissions")).json()["items"] == []
    preview = await staff.post(
        proposals_of(staff),
        json=a_proposal(kind="supplemental"),
        params={"validate_only": "true"},
    )
    assert preview.status_code == 201
    assert len((await staff.get(proposals_of(staff))).json()["items"]) == 1
    assert await announced(database) == []


class TestBudgeting(ServiceContract):
    service = "budgeting"
