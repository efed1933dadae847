"""A ledger drawn at random: every kind of posting, in every class, on any day of the year."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.budgeting.allocations.model import Allocation
from services.budgeting.allotments.model import Allotment
from services.budgeting.cash_allocations.model import CashAllocation
from services.budgeting.disbursements.model import Disbursement
from services.budgeting.obligations.model import Obligation, ObligationLine
from services.budgeting.payees.model import Payee
from services.budgeting.postings.usecases import post
from services.budgeting.tests.spending import DRAFT, PENDING, UNPAID, YEAR, funded
from services.budgeting.work_items.model import WorkItem

ZERO = Decimal("0.00")
PLACES: tuple[dict[str, Any], ...] = (
    {"expense_class": "ps"},
    {"expense_class": "mooe", "program_title": "Primary care"},
    {"expense_class": "mooe", "program_title": "Clinics", "kind": "supplemental"},
    {"expense_class": "co", "program_title": "Clinics", "funding_source": "regional_taxes"},
    {"expense_class": "fe", "program_title": "Loans", "kind": "automatic"},
)
CASH_AMOUNT = Decimal("500.00")
CASH: dict[str, Any] = {
    "number": "NCA-1",
    "received_on": date(YEAR, 2, 3),
    "fiscal_year": YEAR,
    "quarter": 1,
    "funding_source": "block_grant",
    "valid_from": date(YEAR, 1, 1),
    "valid_until": date(YEAR, 3, 31),
    "remarks": "",
    "stored_status": "confirmed",
}
OBJECTS = ("50203010", "5020301000", "50101010", "50604050")


class Maker:
    """Writes rows and postings as the use cases would, with amounts and days drawn at random."""

    def __init__(self, uow: UnitOfWork, seed: int) -> None:
        self.uow, self.draw, self.serial = uow, random.Random(seed), 0

    def amount(self, most: Decimal) -> Decimal:
        """Return at least a centavo, at most `most`."""
        return Decimal(self.draw.randint(1, int(most * 100))) / 100

    def day(self, first: date, last: date = date(YEAR, 12, 31)) -> date:
        return first + timedelta(days=self.draw.randint(0, (last - first).days))

    def next(self) -> int:
        self.serial += 1
        return self.serial

    @property
    def by(self) -> dict[str, Any]:
        """Whoever took a step, and when."""
        return {"by": uuid7(), "at": self.uow.now()}

    async def kept(self, row: Any) -> Any:
        self.uow.session.add(row)
        await self.uow.session.flush()
        return row

    async def spend(self, allocation_id: UUID, payee_id: UUID) -> None:
        allocation = await self.uow.session.get_one(
            Allocation, {"org_id": self.uow.actor.org_id, "id": allocation_id}
        )
        planned = await self.plan(allocation)
        free = allocation.allocated_amount
        for quarter in (1, 2, 3):
            amount = self.amount(free / 3)
            allotment = await self.allotted(allocation, quarter, amount)
            left = allotment.allotted_amount
            for _ in range(2):
                some = self.amount(left / 2)
                await self.obliged(allotment, payee_id, planned, some)
            await self.transferred(allotment)
        await post(
            self.uow,
            kind="appropriation_adjusted",
            item_id=allocation.appropriation_item_id,
            amount=self.amount(Decimal(50)),
            posted_on=self.day(date(YEAR, 4, 1)),
            reference="RA 1",
            reason="More of it",
        )

    async def plan(self, allocation: Allocation) -> UUID:
        item = WorkItem(
            allocation_id=allocation.id,
            fiscal_year=YEAR,
            code=f"WI-{self.next()}",
            title="Work",
            output="",
            unit="lot",
            quantity=Decimal(7),
            estimated_cost_amount=self.amount(allocation.allocated_amount),
            target_completion_on=date(YEAR, 12, 1),
            status="planned",
            accomplished_quantity=Decimal(2),
        )
        item.settle()
        return UUID(str((await self.kept(item)).id))

    async def allotted(self, allocation: Allocation, quarter: int, amount: Decimal) -> Allotment:
        on, step = self.day(date(YEAR, 1, 1), date(YEAR, 6, 30)), self.by
        told = {
            "status": "released",
            "quarter": quarter,
            "amount": amount,
            "expense_class": allocation.expense_class,
            "funding_source": allocation.funding_source,
        }
        allotment: Allotment = await self.kept(
            Allotment(
                **{**PENDING, **told},
                allocation_id=allocation.id,
                fiscal_year=YEAR,
                approved_by=step["by"],
                approved_at=step["at"],
                released_by=step["by"],
                released_at=step["at"],
                released_on=on,
                release_number=self.next(),
            )
        )
        line: dict[str, Any] = {"allotment_id": allotment.id, "reference": "ARO"}
        await post(self.uow, kind="allotted", amount=amount, posted_on=on, **line)
        if amount > 1:
            await post(
                self.uow,
                kind="allotment_adjusted",
                amount=-self.amount(amount / 4),
                posted_on=self.day(on),
                reason="Withdrawn",
                **line,
            )
        return allotment

    async def transferred(self, allotment: Allotment) -> None:
        """Give some of what is left, have it back now and then, and be given as much again."""
        if allotment.available_amount <= 0:
            return
        amount = self.amount(allotment.available_amount)
        on = self.day(date(YEAR, 7, 1))
        given = await self.moved(allotment, -amount, on)
        if self.draw.random() < 0.3:
            await self.moved(allotment, amount, on, reverses_id=given)
        else:
            await self.moved(allotment, amount, self.day(on))

    async def moved(
        self, allotment: Allotment, amount: Decimal, on: date, **reverses: UUID
    ) -> UUID:
        allocation = await self.uow.session.get_one(
            Allocation, {"org_id": self.uow.actor.org_id, "id": allotment.allocation_id}
        )
        levels: list[tuple[str, dict[str, UUID]]] = [
            ("appropriation_adjusted", {"item_id": allocation.appropriation_item_id}),
            ("allocation_adjusted", {"allocation_id": allocation.id}),
            ("allotment_transferred", {"allotment_id": allotment.id, **reverses}),
        ]
        told: dict[str, UUID] = {}
        for kind, level in levels if amount > 0 else reversed(levels):
            line: dict[str, Any] = {"reference": "SARO", "reason": "Built by another", **level}
            told[kind] = await post(self.uow, kind=kind, amount=amount, posted_on=on, **line)
        return told["allotment_transferred"]

    async def obliged(
        self, allotment: Allotment, payee_id: UUID, work_item_id: UUID, amount: Decimal
    ) -> None:
        on, step = self.day(date(YEAR, 2, 1), date(YEAR, 9, 30)), self.by
        told = {
            "status": "obligated",
            "expense_class": allotment.expense_class,
            "obligation_on": on,
        }
        obligation = Obligation(
            **{**DRAFT, **told},
            fiscal_year=YEAR,
            particulars="",
            allotment_id=allotment.id,
            allocation_id=allotment.allocation_id,
            payee_id=payee_id,
            work_item_id=self.draw.choice((None, work_item_id)),
            prepared_by=self.uow.actor.user_id,
            certified_by=step["by"],
            certified_at=step["at"],
            obligated_by=step["by"],
            obligated_at=step["at"],
            ors_number=f"ORS-{self.next()}",
            delivered_on=self.draw.choice((None, self.day(on))),
        )
        obligation.set_lines(list(self.lines(amount)))
        await self.kept(obligation)
        line: dict[str, Any] = {"obligation_id": obligation.id, "reference": obligation.ors_number}
        for kind in ("reserved", "obligated"):
            await post(self.uow, kind=kind, amount=amount, posted_on=on, **line)
        if amount > 1 and self.draw.random() < 0.5:
            await post(
                self.uow,
                kind="obligation_adjusted",
                amount=-self.amount(amount / 3),
                posted_on=self.day(on),
                reason="Fewer",
                **line,
            )
        await self.paid(obligation, on)

    def lines(self, amount: Decimal) -> Iterable[ObligationLine]:
        """Yield one to three lines that make the amount."""
        for _ in range(self.draw.randint(0, 2)):
            if amount > 1:
                part = self.amount(amount / 2)
                amount -= part
                yield self.line(part)
        yield self.line(amount)

    def line(self, amount: Decimal) -> ObligationLine:
        return ObligationLine(object_code=self.draw.choice(OBJECTS), description="x", amount=amount)

    async def paid(self, obligation: Obligation, since: date) -> None:
        """Pay it in up to three parts, in full now and then; one part may be void again."""
        for _ in range(self.draw.randint(0, 3)):
            left = obligation.obligated_amount - obligation.disbursed_amount
            if left <= 0:
                return
            amount = left if self.draw.random() < 0.3 else self.amount(left)
            on, step = self.day(since), self.by
            tax = self.amount(amount) if self.draw.random() < 0.5 else ZERO
            told = {"status": "paid", "gross_amount": amount, "withholding_tax_amount": tax}
            disbursement = Disbursement(
                **{**UNPAID, **told},
                fiscal_year=YEAR,
                particulars="",
                obligation_id=obligation.id,
                dv_number=self.next(),
                certified_by=step["by"],
                certified_at=step["at"],
                approved_by=uuid7(),
                approved_at=step["at"],
                paid_by=uuid7(),
                paid_on=on,
            )
            disbursement.settle()
            await self.kept(disbursement)
            line: dict[str, Any] = {"disbursement_id": disbursement.id, "reference": "DV"}
            line["obligation_id"] = obligation.id
            posting = await post(self.uow, kind="disbursed", amount=amount, posted_on=on, **line)
            if self.draw.random() < 0.3:
                await post(
                    self.uow,
                    kind="disbursement_voided",
                    amount=-amount,
                    posted_on=self.day(on),
                    reverses_id=posting,
                    **line,
                )


async def made_at_random(database: Database, seed: int) -> None:
    places = [await funded(database, amount="98765.43", **each) for each in PLACES]
    async with database.unit_of_work(Actor(uuid7(), org_id_of("MOH"), "MOH")) as uow:
        maker = Maker(uow, seed)
        payee = await maker.kept(
            Payee(name="Supplier", payee_type="supplier", tin=None, address="", is_active=True)
        )
        step = maker.by
        await maker.kept(
            CashAllocation(
                **CASH,
                amount=CASH_AMOUNT,
                approved_by=step["by"],
                approved_at=step["at"],
            )
        )
        for place in places:
            await maker.spend(place, payee.id)
