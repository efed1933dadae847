"""The chain of money for tests: an allocation to spend from, and people who spend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.allocations.model import Allocation
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.postings.usecases import post
from services.budgeting.tests.factories import this_year

YEAR = this_year() - 1
"""What is spent in tests is spent in a year that is over, so that each of its days has come."""

DAY = f"{YEAR}-02-02"
STILL_VALID = {"valid_until": date(YEAR + 1, 12, 31)}
"""Of an item that steps are taken on which are dated today."""


ITEM: dict[str, Any] = {
    "act_reference": "BAA 1",
    "kind": "general",
    "fiscal_year": YEAR,
    "program_title": "Primary care",
    "prexc_code": "",
    "expense_class": "mooe",
    "funding_source": "block_grant",
    "special_provision": "",
    "is_for_later_release": False,
    "is_lump_sum": False,
    "valid_until": date(YEAR, 12, 31),
    "status": "current",
    "appropriated_amount": Decimal(0),
    "allocated_amount": Decimal(0),
}
NO_BALANCES = {
    f"{name}_amount": Decimal(0) for name in ("allocated", "allotted", "obligated", "disbursed")
}
APPROVED: dict[str, Any] = {"remarks": "", "stored_status": "approved", **NO_BALANCES}


async def funded(
    database: Database,
    org: str | Actor = "MOH",
    amount: str = "1000.00",
    office: str = "",
    **changes: Any,
) -> UUID:
    """Return an approved allocation of `amount`, from an item of the same amount."""
    actor = org if isinstance(org, Actor) else Actor(uuid7(), org_id_of(org), org)
    async with database.unit_of_work(actor) as uow:
        item = AppropriationItem(
            issuer_org_id=org_id_of("MFBM"),
            appropriation_id=uuid7(),
            act_item_id=uuid7(),
            enacted_amount=Decimal(amount),
            **{**ITEM, **changes},
        )
        uow.session.add(item)
        await uow.session.flush()
        same = ("program_title", "fiscal_year", "expense_class", "funding_source")
        allocation = Allocation(
            appropriation_item_id=item.id,
            office=office,
            **{name: getattr(item, name) for name in same},
            amount=Decimal(amount),
            prepared_by=uow.actor.user_id,
            approved_by=uuid7(),
            approved_at=uow.now(),
            **APPROVED,
        )
        uow.session.add(allocation)
        await uow.session.flush()
        on = date(item.fiscal_year, 1, 1)
        line: Any = {"amount": Decimal(amount), "posted_on": on, "reference": "BAA 1"}
        await post(uow, kind="appropriated", item_id=item.id, **line)
        await post(uow, kind="allocated", allocation_id=allocation.id, **line)
        return allocation.id


@dataclass
class Spending:
    """People of one organization and their addresses; every call reads the ETag that it needs."""

    staff: Person
    officer: Person
    accountant: Person
    head: Person
    cashier: Person

    @classmethod
    def of(cls, person: Callable[..., Person], org: str = "MOH") -> Spending:
        return cls(*(person(org) for _ in range(5)))

    def at(self, what: str) -> str:
        return f"/api/v1/moa/{self.staff.org}/budgeting/{what}"

    async def make(self, what: str, **body: Any) -> dict[str, Any]:
        answer = await self.staff.post(self.at(what), json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def read(self, what: str, record: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = (await self.staff.get(self.at(f"{what}/{record['id']}"))).json()
        return told

    async def act(
        self, by: Person, what: str, record: dict[str, Any], verb: str, **body: Any
    ) -> Any:
        here = self.at(f"{what}/{record['id']}")
        etag = (await by.get(here)).headers["ETag"]
        return await by.post(f"{here}/{verb}", json=body or None, headers={"If-Match": etag})

    async def done(
        self, by: Person, what: str, record: dict[str, Any], verb: str, **body: Any
    ) -> dict[str, Any]:
        answer = await self.act(by, what, record, verb, **body)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def allotted(
        self, allocation_id: UUID | str, amount: str = "1000.00", quarter: int = 1
    ) -> dict[str, Any]:
        """Return a released allotment."""
        made = await self.make(
            "allotments", allocation_id=str(allocation_id), amount=amount, quarter=quarter
        )
        await self.done(self.officer, "allotments", made, "approve")
        return await self.done(self.officer, "allotments", made, "release", released_on=DAY)

    async def payee(self, **changes: Any) -> dict[str, Any]:
        return await self.make(
            "payees", **{"name": "Cotabato Medical Supply", "payee_type": "supplier", **changes}
        )

    async def requested(
        self, allotment: dict[str, Any], payee: dict[str, Any], amount: str, **changes: Any
    ) -> dict[str, Any]:
        """Return a draft obligation."""
        code = "5060405003" if allotment.get("expense_class") == "co" else "5020301000"
        return await self.make(
            "obligations",
            **{
                "allotment_id": allotment["id"],
                "payee_id": payee["id"],
                "document_kind": "purchase_order",
                "document_number": "PO-1",
                "obligation_on": DAY,
                "lines": [{"object_code": code, "description": "Medicines", "amount": amount}],
                **changes,
            },
        )

    async def obligated(
        self, allotment: dict[str, Any], payee: dict[str, Any], amount: str, **changes: Any
    ) -> dict[str, Any]:
        made = await self.requested(allotment, payee, amount, **changes)
        await self.done(self.officer, "obligations", made, "certify")
        return await self.done(self.officer, "obligations", made, "obligate")

    async def voucher(
        self, obligation: dict[str, Any], amount: str, **changes: Any
    ) -> dict[str, Any]:
        """Return an approved disbursement."""
        made = await self.make(
            "disbursements",
            **{
                "obligation_id": obligation["id"],
                "gross_amount": amount,
                "payment_method": "lddap_ada",
                **changes,
            },
        )
        await self.done(self.staff, "disbursements", made, "submit")
        await self.done(self.accountant, "disbursements", made, "certify")
        return await self.done(self.head, "disbursements", made, "approve")

    async def paid(
        self, obligation: dict[str, Any], amount: str, on: str = DAY, **changes: Any
    ) -> dict[str, Any]:
        made = await self.voucher(obligation, amount, **changes)
        return await self.done(self.cashier, "disbursements", made, "pay", paid_on=on)


PENDING: dict[str, Any] = {
    "expense_class": "mooe",
    "funding_source": "block_grant",
    "quarter": 2,
    "kind": "regular",
    "status": "pending",
    "remarks": "",
    "amount": Decimal(10),
    "release_reference": "",
}
DRAFT: dict[str, Any] = {
    "expense_class": "mooe",
    "fund_code": "101101",
    "document_kind": "other",
    "document_number": "",
    "obligation_on": date(YEAR, 2, 2),
    "status": "draft",
    "cancel_reason": "",
}
UNPAID: dict[str, Any] = {
    "gross_amount": Decimal(1),
    "withholding_tax_amount": Decimal(0),
    "other_deductions_amount": Decimal(0),
    "payment_method": "cash",
    "status": "draft",
    "ada_number": "",
    "check_number": "",
    "jev_number": "",
    "end_reason": "",
}
