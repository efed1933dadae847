"""Authority moves between organizations: by two people there, two at the issuer, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.postings.usecases import prove
from services.budgeting.report_figures.model import Question, ReportKind
from services.budgeting.reports.queries import get_figures_of
from services.budgeting.tests.factories import an_act
from services.budgeting.tests.issued import take_effect
from services.budgeting.tests.spending import DAY, YEAR, Spending, funded
from services.budgeting.tests.test_service import announced

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
def giver(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


@pytest.fixture
def taker(person: Callable[..., Person]) -> Spending:
    return Spending.of(person, "MOLE")


@pytest.fixture
def ministry(person: Callable[..., Person]) -> Spending:
    return Spending.of(person, "MFBM")


def a_transfer(allotment: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "allotment_id": allotment["id"],
        "to_org_id": str(org_id_of("MOLE")),
        "amount": "250.25",
        "legal_basis": "BAA 1, section 30",
        "reason": "The clinics are built by the other ministry",
        **changes,
    }


async def approved(house: Spending, allotment: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = await house.make("allotment-transfers", **a_transfer(allotment, **changes))
    return await house.done(house.officer, "allotment-transfers", made, "approve")


async def released(ministry: Spending, transfer: dict[str, Any]) -> dict[str, Any]:
    wanted = {"allotment_transfer_id": transfer["id"], "released_on": DAY, "reference": "SARO-7"}
    release = await ministry.make("releases", **wanted)
    return await ministry.done(ministry.head, "releases", release, "approve")


async def listed(house: Spending, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await house.staff.get(house.at(what))).json()["items"]
    return found


async def only(house: Spending, what: str) -> dict[str, Any]:
    (one,) = await listed(house, what)
    return one


async def statement(app: FastAPI, org: str) -> dict[str, Decimal]:
    """Return the totals of FAR No. 1 by column."""
    question = Question(ReportKind.saaodb, YEAR, date(YEAR, 12, 31), datetime.now(UTC))
    async with app.state.database.unit_of_work(Actor(uuid7(), org_id_of(org), org)) as uow:
        told = await get_figures_of(uow.session, question)
    totals = zip(told.columns, told.totals, strict=True)
    return {column.key: Decimal(total) for column, total in totals if total is not None}


def transfers_in(told: dict[str, Decimal]) -> list[str]:
    keys = ("authorised", "adjustments", "received", "transfers_to", "transfers_from", "allotments")
    return [f"{told[key]:.2f}" for key in (*keys, "unreleased")]


async def test_what_one_gives_up_the_other_may_spend_and_give_back(
    app: FastAPI,
    giver: Spending,
    taker: Spending,
    ministry: Spending,
    database: ServiceDatabase,
) -> None:
    allotment = await giver.allotted(await funded(app.state.database), "600.00")
    await giver.obligated(allotment, await giver.payee(), "100.00")
    draft = await only_the_issuer_sees(giver, taker, ministry, allotment)
    await released(ministry, draft)
    await take_effect(app, database)
    left = await giver.read("allotments", allotment)
    assert (left["allotted_amount"], left["available_amount"]) == ("349.75", "249.75")
    got = await received_by(taker, giver, draft)
    await taker.obligated(got, await taker.payee(), "200.25")
    back = await approved(
        taker, got, amount="50.00", to_org_id=str(org_id_of("MOH")), reason="Built for less"
    )
    await released(ministry, back)
    told = await take_effect(app, database)
    assert told.count("budgeting.allotment_transfer.received.v1") == 2
    assert transfers_in(await statement(app, "MOH")) == [
        *("1000.00", "-200.25", "600.00", "250.25", "50.00", "399.75", "400.00")
    ]
    assert transfers_in(await statement(app, "MOLE")) == [
        *("0.00", "200.25", "0.00", "50.00", "250.25", "200.25", "0.00")
    ]
    assert len({each["allocation_id"] for each in (await listed(giver, "allotments"))}) == 1
    await both_sides_are_equal(database)
    await the_proof_covers_transfers(app, database)


async def only_the_issuer_sees(
    giver: Spending, taker: Spending, ministry: Spending, allotment: dict[str, Any]
) -> dict[str, Any]:
    """Let a second person approve a transfer, and others try to see and to take it."""
    draft = await giver.make("allotment-transfers", **a_transfer(allotment))
    own = await giver.act(giver.staff, "allotment-transfers", draft, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "preparer_may_not_transfer")
    seen = f"allotment-transfers/{draft['id']}"
    for other in (ministry, taker):
        assert (await other.staff.get(other.at(seen))).status_code == 404
    await giver.done(giver.officer, "allotment-transfers", draft, "approve")
    asked = await only(ministry, "allotment-transfers?submitted=true")
    assert (asked["id"], asked["allowed_actions"]) == (draft["id"], [])
    taken = await ministry.act(ministry.staff, "allotment-transfers", draft, "withdraw")
    assert taken.status_code == 404
    return draft


async def received_by(taker: Spending, giver: Spending, transfer: dict[str, Any]) -> dict[str, Any]:
    """Return the allotment that a transfer of 250.25 became; neither sees the other's rows."""
    assert (await giver.read("allotment-transfers", transfer))["status"] == "received"
    got = await only(taker, "allotments")
    assert (got["allotted_amount"], got["kind"], got["quarter"]) == ("250.25", "sub_allotment", 1)
    assert got["release_reference"] == "SARO-7"
    seen = taker.at(f"allotment-transfers/{transfer['id']}")
    assert (await taker.staff.get(seen)).status_code == 404
    assert (await giver.staff.get(giver.at(f"allotments/{got['id']}"))).status_code == 404
    item = await only(taker, "appropriation-items")
    assert (item["enacted_amount"], item["appropriated_amount"]) == ("0.00", "250.25")
    return got


async def the_proof_covers_transfers(app: FastAPI, database: ServiceDatabase) -> None:
    assert await prove(app.state.database) == {org_id_of("MOH"): [], org_id_of("MOLE"): []}
    engine = create_async_engine(database.admin)
    async with engine.begin() as administrator:
        await administrator.execute(text("UPDATE budgeting.allotment_transfers SET amount = 1"))
    await engine.dispose()
    found = await prove(app.state.database)
    assert [[(each.level, each.kept_amount) for each in found[key]] for key in found] == [
        [("allotment_transfers", Decimal(1))]
    ] * 2


async def test_an_extension_act_reaches_whoever_was_given_of_its_items(
    app: FastAPI,
    giver: Spending,
    taker: Spending,
    ministry: Spending,
    database: ServiceDatabase,
) -> None:
    days = {"enacted_on": f"{YEAR}-01-02", "valid_until": f"{YEAR + 1}-12-31"}
    act = await ministry.make("appropriations", **an_act(fiscal_year=YEAR, **days))
    await ministry.done(ministry.head, "appropriations", act, "enact")
    await take_effect(app, database)
    item = await only(giver, "appropriation-items")
    wanted = {"appropriation_item_id": item["id"], "amount": "600.00"}
    allocation = await giver.make("allocations", **wanted)
    await giver.done(giver.head, "allocations", allocation, "approve")
    allotment = await giver.allotted(allocation["id"], "600.00")
    await released(ministry, await approved(giver, allotment))
    await take_effect(app, database)
    told = {"act_reference": "BAA 99", "valid_until": f"{YEAR + 2}-12-31"}
    await ministry.done(ministry.head, "appropriations", act, "extend", **told)
    await take_effect(app, database)
    for house in (giver, taker):
        assert (await only(house, "appropriation-items"))["valid_until"] == told["valid_until"]


async def both_sides_are_equal(database: ServiceDatabase) -> None:
    """Compare what was given and received, and what a reader of events adds up over both."""
    rows = await announced(database)
    sides = {"given": Decimal(0), "received": Decimal(0), "refused": Decimal(0)}
    items: dict[str, Decimal] = {}
    allotments: dict[str, Decimal] = {}
    for row in rows:
        _, noun, verb, _ = row.subject.split(".")
        if noun == "allotment_transfer":
            sides[verb] += Decimal(row.data["amount"])
        elif noun == "appropriation_item":
            key = row.data["appropriation_item_id"]
            items[key] = Decimal(row.data["appropriated_amount"])
        elif noun == "allotment":
            allotments[row.data["allotment_id"]] = Decimal(row.data["allotted_amount"])
    assert sides["given"] == sides["received"] + sides["refused"]
    assert sum(items.values()) == Decimal("1000.00")
    assert sum(allotments.values()) == Decimal("600.00")


async def test_what_the_other_cannot_take_comes_back_on_the_same_day(
    app: FastAPI,
    giver: Spending,
    taker: Spending,
    ministry: Spending,
    database: ServiceDatabase,
) -> None:
    allotment = await giver.allotted(await funded(app.state.database), "600.00")
    transfer = await approved(giver, allotment)
    await released(ministry, transfer)
    await taker.staff.post(taker.at("fiscal-periods"), json={"fiscal_year": YEAR})
    february = next(each for each in await listed(taker, "fiscal-periods") if each["month"] == 2)
    await taker.done(taker.officer, "fiscal-periods", february, "close")
    await take_effect(app, database)
    now = await giver.read("allotment-transfers", transfer)
    assert now["status"] == "returned"
    assert f"The period {YEAR}-02 is closed" in now["remarks"]
    assert await listed(taker, "allotments") == []
    assert (await giver.read("allotments", allotment))["allotted_amount"] == "600.00"
    assert transfers_in(await statement(app, "MOH")) == [
        *("1000.00", "0.00", "600.00", "0.00", "0.00", "600.00", "400.00")
    ]
    await both_sides_are_equal(database)
    assert await prove(app.state.database) == {org_id_of("MOH"): []}


async def test_obligations_and_a_transfer_at_once_never_want_more_than_there_is(
    app: FastAPI, giver: Spending, ministry: Spending, database: ServiceDatabase
) -> None:
    allotment = await giver.allotted(await funded(app.state.database), "600.00")
    payee = await giver.payee()
    wanted = [await giver.requested(allotment, payee, "100.00") for _ in range(6)]
    transfer = await approved(giver, allotment)
    await released(ministry, transfer)
    answers, _ = await asyncio.gather(
        asyncio.gather(
            *(giver.act(giver.officer, "obligations", each, "certify") for each in wanted)
        ),
        take_effect(app, database),
    )
    certified = sum(each.status_code == 200 for each in answers)
    assert {each.status_code for each in answers} <= {200, 409}
    now = await giver.read("allotment-transfers", transfer)
    left = await giver.read("allotments", allotment)
    is_given = now["status"] == "received"
    assert certified == (3 if is_given else 6), now
    assert Decimal(left["allotted_amount"]) == Decimal("349.75" if is_given else "600.00")
    assert Decimal(left["reserved_amount"]) == 100 * certified
    if not is_given:
        told = await only(ministry, "deliveries")
        assert told["status"] == "refused"
        assert "The allotment has" in told["reason"]
    found = await prove(app.state.database)
    assert found[org_id_of("MOH")] == []


async def test_what_cannot_be_given_is_refused_where_it_is_asked(
    app: FastAPI, giver: Spending, ministry: Spending, database: ServiceDatabase
) -> None:
    allotment = await giver.allotted(await funded(app.state.database), "600.00")
    for changes, status, code, pointer in (
        ({"to_org_id": str(org_id_of("MOH"))}, 422, "transfer_to_oneself", "/body/to_org_id"),
        ({"to_org_id": str(uuid7())}, 422, "organization_unknown", "/body/to_org_id"),
        ({"amount": "600.01"}, 409, "transfer_exceeds", "/body/amount"),
        ({"allotment_id": str(uuid7())}, 404, "allotment_not_found", "/body/allotment_id"),
        ({"legal_basis": " "}, 422, "invalid_request", "/body/legal_basis"),
    ):
        body = a_transfer(allotment, **changes)
        refused = await giver.staff.post(giver.at("allotment-transfers"), json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    transfer = await giver.make("allotment-transfers", **a_transfer(allotment))
    early = {"allotment_transfer_id": transfer["id"], "released_on": DAY, "reference": "SARO-7"}
    for body in (early, {**early, "allotment_id": allotment["id"]}):
        refused = await ministry.staff.post(ministry.at("releases"), json=body)
        assert refused.status_code == 422, refused.text
    await giver.done(giver.officer, "allotment-transfers", transfer, "approve")
    release = await ministry.make("releases", **early)
    await giver.done(giver.staff, "allotment-transfers", transfer, "withdraw")
    await ministry.done(ministry.head, "releases", release, "approve")
    await take_effect(app, database)
    assert (await only(ministry, "deliveries"))["reason"].endswith("It is draft.")
    again = {**a_transfer(allotment), "amount": "1.00"}
    gone = await giver.make("allotment-transfers", **again)
    etag = {"If-Match": f'"{gone["version"]}"'}
    here = giver.at(f"allotment-transfers/{gone['id']}")
    assert (await giver.staff.delete(here, headers=etag)).status_code == 204
    assert (await giver.read("allotments", allotment))["allotted_amount"] == "600.00"
