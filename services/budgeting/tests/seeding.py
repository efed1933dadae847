"""One record for every path parameter of execution, for the checks over all operations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import choice
from string import ascii_lowercase
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.allotment_transfers.model import AllotmentTransfer
from services.budgeting.allotments.model import Allotment
from services.budgeting.disbursements.model import Disbursement
from services.budgeting.endorsement_answers.model import EndorsementAnswer
from services.budgeting.obligations.model import Obligation, ObligationLine
from services.budgeting.realignment_decisions.model import RealignmentDecision
from services.budgeting.releases.model import Release
from services.budgeting.tests.factories import make, step, there
from services.budgeting.tests.spending import DAY, DRAFT, PENDING, UNPAID, YEAR, Spending, funded


async def seed_spending(person: Person) -> dict[str, str]:
    """Make one record for every path parameter of execution; return their ids."""
    database: Database = person._transport.app.state.database  # type: ignore[attr-defined]
    allocation = await funded(database, person.org)
    spending = Spending(person, person, person, person, person)
    plain = await spending.make("payees", name="Supplier", payee_type="supplier")
    pending = await spending.make(
        "allotments", allocation_id=str(allocation), amount="10.00", quarter=1
    )
    item = await spending.make(
        "work-items",
        allocation_id=str(allocation),
        title="Plan",
        unit="lot",
        quantity="1",
        estimated_cost_amount="1.00",
        target_completion_on=DAY,
    )
    tier = await spending.make(
        "approval-tiers",
        role="".join(choice(ascii_lowercase) for _ in range(20)),
        up_to_amount="1.00",
    )
    periods = spending.at("fiscal-periods")
    await person.post(periods, json={"fiscal_year": YEAR})
    period = (await person.get(periods)).json()["items"][0]
    obligation_id, disbursement_id = await _owed(database, person, allocation, UUID(plain["id"]))
    return {
        "report_id": (await spending.make("reports", kind="status", fiscal_year=YEAR))["id"],
        "payee_id": plain["id"],
        "allotment_id": pending["id"],
        "allotment_transfer_id": str(await _giving(database, person, UUID(pending["id"]))),
        "work_item_id": item["id"],
        "obligation_id": str(obligation_id),
        "disbursement_id": str(disbursement_id),
        "approval_tier_id": tier["id"],
        "fiscal_period_id": period["id"],
        **await _with_others(spending, database),
    }


async def seed_authority(person: Person) -> dict[str, str]:
    """Make an item and a draft allocation, as an enacted act would have led to."""
    database: Database = person._transport.app.state.database  # type: ignore[attr-defined]
    allocation_id = await funded(database, person.org)
    approved = await person.get(there(person, f"allocations/{allocation_id}"))
    item_id = approved.json()["appropriation_item_id"]
    await step(person, f"allocations/{allocation_id}", "cancel", reason="Another way")
    draft = await make(
        person,
        "allocations",
        {"appropriation_item_id": item_id, "program_title": f"{uuid7()}", "amount": "1.00"},
    )
    second = (await funded(database, person.org), await funded(database, person.org))
    found = [await person.get(there(person, f"allocations/{each}")) for each in second]
    first_id, second_id = (each.json()["appropriation_item_id"] for each in found)
    moved = await make(
        person,
        "realignments",
        {
            "from_item_id": first_id,
            "to_item_id": second_id,
            "amount": "1.00",
            "reason": "Needed there",
        },
    )
    return {
        "appropriation_item_id": item_id,
        "allocation_id": draft["id"],
        "realignment_id": moved["id"],
    }


async def _with_others(spending: Spending, database: Database) -> dict[str, str]:
    """Make what a second person decides: a closing of last year, cash, another's realignment."""
    last = {"fiscal_year": YEAR - 1, "closing_on": f"{YEAR - 1}-12-31"}
    await spending.staff.post(spending.at("year-ends"), json=last)
    planned = await spending.staff.get(spending.at("year-ends"))
    notice = {
        "number": f"NCA {uuid7()}",
        "received_on": DAY,
        "fiscal_year": YEAR,
        "quarter": 1,
        "funding_source": "block_grant",
        "amount": "1.00",
    }
    allocation = {"id": str(await funded(database, spending.staff.org))}
    item = (await spending.read("allocations", allocation))["appropriation_item_id"]
    gone = {"reason": "Another way"}
    await spending.done(spending.staff, "allocations", allocation, "cancel", **gone)
    saved = await spending.make("savings", item_id=item, amount="1.00", reason="Bought for less")
    return {
        "saving_id": saved["id"],
        "release_id": str(await _issuing(database, spending.staff)),
        "endorsement_answer_id": str(await _answering(database, spending.staff)),
        "year_end_id": planned.json()["items"][0]["id"],
        "cash_allocation_id": (await spending.make("cash-allocations", **notice))["id"],
        "realignment_decision_id": str(await _deciding(database, spending.staff)),
    }


async def _giving(database: Database, person: Person, allotment_id: UUID) -> UUID:
    """Make a transfer to another organization that waits for somebody else's approval."""
    async with database.unit_of_work(Actor(uuid7(), org_id_of(person.org), person.org)) as uow:
        transfer = AllotmentTransfer(
            allotment_id=allotment_id,
            to_org_id=org_id_of("MOLE"),
            issuer_org_id=org_id_of("MFBM"),
            act_item_id=uuid7(),
            fiscal_year=YEAR,
            program_title="Primary care",
            expense_class="mooe",
            funding_source="block_grant",
            quarter=1,
            amount=Decimal(1),
            legal_basis="BAA 1",
            reason="Built there",
            remarks="",
            status="draft",
        )
        uow.session.add(transfer)
        await uow.session.flush()
        return transfer.id


async def _issuing(database: Database, person: Person) -> UUID:
    """Make a release that waits for somebody else's approval."""
    async with database.unit_of_work(Actor(uuid7(), org_id_of(person.org), person.org)) as uow:
        release = Release(
            for_org_id=org_id_of("MOLE"),
            allotment_id=uuid7(),
            fiscal_year=YEAR,
            expense_class="mooe",
            funding_source="block_grant",
            quarter=1,
            amount=Decimal(1),
            released_on=date(YEAR, 2, 2),
            reference="ARO-1",
            status="draft",
        )
        uow.session.add(release)
        await uow.session.flush()
        return release.id


async def _answering(database: Database, person: Person) -> UUID:
    """Make an answer to another organization's request that waits for approval."""
    async with database.unit_of_work(Actor(uuid7(), org_id_of(person.org), person.org)) as uow:
        answer = EndorsementAnswer(
            for_org_id=org_id_of("MOLE"),
            endorsement_request_id=uuid7(),
            endorser="bpda",
            fiscal_year=YEAR,
            decision="endorsed",
            document_reference="Letter 12",
            document_on=date(YEAR, 2, 2),
            remarks="",
            status="draft",
        )
        uow.session.add(answer)
        await uow.session.flush()
        return answer.id


async def _deciding(database: Database, person: Person) -> UUID:
    """Make a decision on another organization's realignment that waits for approval."""
    async with database.unit_of_work(Actor(uuid7(), org_id_of(person.org), person.org)) as uow:
        decision = RealignmentDecision(
            for_org_id=org_id_of("MOLE"),
            realignment_id=uuid7(),
            from_act_item_id=uuid7(),
            to_act_item_id=uuid7(),
            fiscal_year=YEAR,
            amount=Decimal(1),
            verdict="approved",
            remarks="",
            status="draft",
        )
        uow.session.add(decision)
        await uow.session.flush()
        return decision.id


async def _owed(
    database: Database, person: Person, allocation_id: UUID, payee_id: UUID
) -> tuple[UUID, UUID]:
    """Make an obligation and a payment that no two persons are needed for: drafts."""
    common = {"fiscal_year": YEAR, "particulars": ""}
    async with database.unit_of_work(Actor(uuid7(), org_id_of(person.org), person.org)) as uow:
        allotment = Allotment(**PENDING, allocation_id=allocation_id, fiscal_year=YEAR)
        uow.session.add(allotment)
        await uow.session.flush()
        obligation = Obligation(
            **DRAFT,
            **common,
            allotment_id=allotment.id,
            allocation_id=allocation_id,
            payee_id=payee_id,
            prepared_by=uow.actor.user_id,
        )
        obligation.set_lines(
            [ObligationLine(object_code="50203010", description="x", amount=Decimal(1))]
        )
        uow.session.add(obligation)
        await uow.session.flush()
        disbursement = Disbursement(**UNPAID, **common, obligation_id=obligation.id)
        disbursement.settle()
        uow.session.add(disbursement)
        await uow.session.flush()
        return obligation.id, disbursement.id
