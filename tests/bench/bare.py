"""The list of strategic plans with tenancy and row security taken away, for comparison only.

The same query, rendering and page on the same rows, as a login that bypasses row security, with
no token, no organization and no permission. It runs on a loopback port during `make bench`.
"""

from __future__ import annotations

import os
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

from libs.chassis.paging import Rows, page
from libs.chassis.problems import broken
from libs.chassis.telemetry import Telemetry, configure_logging
from services.planning.strategic_plans.model import StrategicPlan
from services.planning.strategic_plans.schemas import PlanFilter, PlanPage


def create_app() -> FastAPI:
    """Return the unguarded list; the address of the database and the organization come by name."""
    configure_logging("bare", "INFO")
    engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=5, max_overflow=5)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    organization = UUID(os.environ["BENCH_ORG_ID"])
    app = FastAPI()
    app.add_middleware(Telemetry, service="bare", fault=broken)

    @app.get("/plans", response_model=PlanPage)
    async def list_strategic_plans(params: Annotated[PlanFilter, Query()]) -> Rows[StrategicPlan]:
        async with sessions() as session:
            statement = (
                select(StrategicPlan)
                .where(StrategicPlan.org_id == organization)
                .options(selectinload(StrategicPlan.goals))
            )
            return await page(session, statement, StrategicPlan, params)

    return app
