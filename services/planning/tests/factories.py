"""Valid requests, events and files for planning; a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox
from services.planning.db import Base
from services.planning.import_ppas import Order, import_files
from services.planning.known_organizations import subscribers
from services.planning.ppa_imports.schemas import FileReport, ImportReport


def a_goal(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Functional barangay health stations",
        "target_metric": "Share of barangay health stations fully functional",
        "unit": "percent",
        "baseline_value": "40.00",
        "target_value": "100.00",
        "priority": "high",
        **changes,
    }


def a_plan(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Health Sector Strategic Plan 2025 to 2030",
        "start_year": 2025,
        "end_year": 2030,
        "vision": "Healthy Bangsamoro communities",
        "mission": "Accessible care in every barangay",
        "goals": [a_goal(), a_goal(title="Fewer maternal deaths"), a_goal(title="Trained staff")],
        **changes,
    }


async def seed(person: Person, _database: object) -> dict[str, str]:
    """Make one record for every path parameter of planning, as `person`; return their ids."""
    plans = f"/api/v1/moa/{person.org}/planning/strategic-plans"
    plan = (await person.post(plans, json=a_plan())).json()
    ppa = (await person.post(f"/api/v1/moa/{person.org}/planning/ppas", json=a_ppa())).json()
    return {"plan_id": plan["id"], "goal_id": plan["goals"][0]["id"], "ppa_id": ppa["id"]}


def an_indicator(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "output",
        "text": "Number of Rural Health Units that received MOOE",
        "target_text": "131",
        **changes,
    }


def a_ppa(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Tiyakap Bangsamoro Kalusugan Program",
        "fiscal_year": 2025,
        "approved_budget_amount": "259680000.00",
        "indicators": [
            an_indicator(kind="outcome", text="Functional health stations", target_text="100%"),
            an_indicator(),
        ],
        **changes,
    }


def announced(code: str, *, seq: int = 1, version: int = 1, **changes: Any) -> ReceivedEvent:
    """Return what identity says of an organization; the first version is its registration."""
    past = "registered" if version == 1 else "changed"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    org_id = org_id_of(code)
    meta = EventMeta(
        event_id=uuid4(),
        source="identity",
        source_seq=seq,
        subject=f"identity.organization.{past}.v1",
        org_id=org_id,
        actor_id=org_id,
        aggregate_id=org_id,
        aggregate_version=version,
        occurred_at=now,
        traceparent="",
    )
    state = {
        "id": str(org_id),
        "key": code.lower(),
        "code": code,
        "name": code,
        "org_type": "ministry",
        "is_moa": True,
        "is_active": True,
        "is_pilot": False,
    }
    return ReceivedEvent(meta, {**state, **changes})


async def apply(store: Database, *events: ReceivedEvent) -> None:
    """Let planning's worker receive events."""
    inbox = Inbox(Base.metadata, store.sessions, [subscribers])
    for event in events:
        await inbox.apply(event)


MOH_FILE = """\
moa: Ministry of Health
acronym: MOH
ppas:
  - title: Nutrition
    output_indicators:
      - {indicator: Children weighed, target: "1,000"}
      - {indicator: Kits given, target: 50}
    approved_budget: 100.10
  - title: Immunization
    approved_budget: 200.20
special_provisions:
  - {title: Fund, details: For calamities.}
"""


async def import_from(store: Database, *files: Path, **options: Any) -> list[FileReport]:
    report = ImportReport(fiscal_year=options.get("fiscal_year", 2025), dry_run=False)
    await import_files(store, Order(files, **options), report, tell=lambda _: None)
    return report.files


async def everything(database: ServiceDatabase) -> dict[str, list[Any]]:
    """Return every row that an import may write, of all organizations, as an administrator."""
    engine = create_async_engine(database.admin)
    tables = ("ppas", "ppa_indicators", "special_provisions", "outbox")
    async with engine.connect() as connection:
        found = {
            table: (await connection.execute(text(f"SELECT * FROM planning.{table} ORDER BY 1, 2")))
            .mappings()
            .all()
            for table in tables
        }
    await engine.dispose()
    return found  # type: ignore[return-value]


def adds_up(report: FileReport) -> bool:
    """Whether every row that was read was imported, updated, left or reported, once."""
    return all(
        tally.read == tally.imported + tally.updated + tally.unchanged + tally.reported
        for tally in report.tallies.values()
    )
