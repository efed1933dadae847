"""What the five contexts announce, valid by default; a test names only what it is about."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox
from services.ocm.db import Base
from services.ocm.worker import SUBSCRIBERS

YEAR = 2026


def an_organization(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"Ministry {code}",
        "org_type": "ministry",
        "is_moa": code != "OOBC",
        "is_active": True,
        **changes,
    }


def a_goal(**changes: Any) -> dict[str, Any]:
    return {"status": "in_progress", "weight": None, "progress": "0.00", **changes}


def a_plan(**changes: Any) -> dict[str, Any]:
    plan = {"title": "Plan", "start_year": 2025, "end_year": 2030, "status": "submitted"}
    return {**plan, "goals": [a_goal()], **changes}


def a_ppa(**changes: Any) -> dict[str, Any]:
    return {
        "code": "PPA-2026-001",
        "title": "Clinics",
        "fiscal_year": YEAR,
        "status": "planning",
        "approved_budget_amount": None,
        "indicators_count": 2,
        **changes,
    }


def a_class(name: str, requested: str, approved: str | None = None) -> dict[str, Any]:
    return {"expense_class": name, "requested_amount": requested, "approved_amount": approved}


def a_proposal(requested: str = "100.00", **changes: Any) -> dict[str, Any]:
    granted = changes.get("total_approved_amount")
    return {
        "fiscal_year": YEAR,
        "kind": "annual",
        "title": "Budget",
        "revision": 1,
        "status": "submitted",
        "total_requested_amount": requested,
        "total_approved_amount": granted,
        "totals_by_class": [a_class("ps", requested, granted)],
        "submitted_at": "2025-03-01T00:00:00+00:00",
        "decided_at": None,
        **changes,
    }


def an_item(amount: str = "1000.00", **changes: Any) -> dict[str, Any]:
    return {
        "fiscal_year": YEAR,
        "kind": "general",
        "status": "current",
        "expense_class": "mooe",
        "funding_source": "block_grant",
        "valid_until": "2026-12-31",
        "appropriated_amount": amount,
        "allocated_amount": amount,
        **changes,
    }


def an_allotment(amount: str = "500.00", **changes: Any) -> dict[str, Any]:
    return {
        "fiscal_year": YEAR,
        "quarter": 1,
        "status": "released",
        "expense_class": "mooe",
        "funding_source": "block_grant",
        "released_on": "2026-01-10",
        "allotted_amount": amount,
        **changes,
    }


def an_obligation(allotment: UUID, amount: str = "300.00", **changes: Any) -> dict[str, Any]:
    return {
        "fiscal_year": YEAR,
        "allotment_id": str(allotment),
        "status": "obligated",
        "expense_class": "mooe",
        "obligation_on": "2026-02-09",
        "obligated_amount": amount,
        **changes,
    }


def a_payment(obligation: UUID, amount: str = "150.00", **changes: Any) -> dict[str, Any]:
    return {
        "fiscal_year": YEAR,
        "obligation_id": str(obligation),
        "status": "paid",
        "expense_class": "mooe",
        "paid_on": "2026-04-10",
        "gross_amount": amount,
        **changes,
    }


def some_cash(amount: str = "200.00", **changes: Any) -> dict[str, Any]:
    return {
        "fiscal_year": YEAR,
        "quarter": 1,
        "funding_source": "block_grant",
        "valid_from": "2026-01-01",
        "valid_until": "2026-03-31",
        "status": "confirmed",
        "amount": amount,
        **changes,
    }


def an_assessment(**changes: Any) -> dict[str, Any]:
    return {
        "code": "A-1",
        "title": "Needs",
        "kind": "needs_assessment",
        "level": "provincial",
        "status": "planning",
        "priority": "high",
        "fiscal_year": YEAR,
        "region_psgc": "1900000000",
        "province_psgc": None,
        "municipality_psgc": None,
        "planned_start_on": "2026-01-01",
        "planned_end_on": "2126-01-31",
        "actual_end_on": None,
        "estimated_budget_amount": "10.00",
        **changes,
    }


def a_member(code: str, status: str = "accepted", role: str = "participant") -> dict[str, Any]:
    return {"org_id": str(org_id_of(code)), "role": role, "status": status}


def a_partnership(*members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "title": "Shared clinics",
        "partnership_type": "bilateral",
        "status": "active",
        "priority": "high",
        "starts_on": "2026-01-01",
        "ends_on": None,
        "total_budget_amount": "50.00",
        "members": list(members),
        **changes,
    }


class Teller:
    """Makes events as a source's outbox would: numbered by source, versioned by aggregate."""

    def __init__(self, inbox: Inbox | None = None) -> None:
        self._inbox = inbox
        self._numbers: Counter[str] = Counter()
        self._versions: Counter[UUID] = Counter()

    def event(
        self,
        subject: str,
        org: str,
        data: dict[str, Any],
        about: UUID | None = None,
        version: int = 0,
    ) -> ReceivedEvent:
        source = subject.split(".", 1)[0]
        about = about or uuid4()
        self._numbers[source] += 1
        self._versions[about] += 1
        meta = EventMeta(
            event_id=uuid4(),
            source=source,
            source_seq=self._numbers[source],
            subject=f"{subject}.v1",
            org_id=org_id_of(org),
            actor_id=uuid4(),
            aggregate_id=about,
            aggregate_version=version or self._versions[about],
            occurred_at=datetime.now(UTC),
            traceparent="",
        )
        return ReceivedEvent(meta, data)

    async def __call__(self, subject: str, org: str, data: dict[str, Any], **how: Any) -> UUID:
        """Announce one event; return the id of its aggregate."""
        assert self._inbox is not None
        event = self.event(subject, org, data, **how)
        await self._inbox.apply(event)
        return event.meta.aggregate_id

    async def register(self, *codes: str, **changes: Any) -> None:
        for code in codes:
            entry = an_organization(code, **changes)
            await self("identity.organization.registered", code, entry, about=org_id_of(code))


async def page(person: Person, name: str, year: int | None = 2026) -> dict[str, Any]:
    params = {} if year is None else {"fiscal_year": year}
    answer = await person.get(f"/api/v1/ocm/{name}", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def of(answer: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(o for o in answer["organizations"] if o["code"] == code)
    return found


async def seed(person: Person, database: ServiceDatabase) -> dict[str, str]:
    """Tell of one organization with a plan; no path here takes an id."""
    worker = Database(database.app)
    tell = Teller(Inbox(Base.metadata, worker.sessions, SUBSCRIBERS))
    await tell.register(person.org)
    await tell("planning.strategic_plan.activated", person.org, a_plan(status="active"))
    await worker.close()
    return {}
