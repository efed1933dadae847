"""The list of strategic plans with tenancy and row security taken away, for comparison only.

The same application with the same limits, validation, rendering, page and transaction on the same
rows; but no token, organization, module or permission is looked at, the session has no actor, and
the login bypasses row security. It runs on a loopback port during `make bench`.
"""

from __future__ import annotations

import os
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from libs.chassis.database import Database
from libs.chassis.http import install, slice_router
from libs.chassis.paging import Rows, page
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.planning.db import Base
from services.planning.settings import Settings
from services.planning.strategic_plans.model import StrategicPlan
from services.planning.strategic_plans.schemas import PlanFilter, PlanPage

router = slice_router(prefix="/api/v1/planning/bare", tag="bare")


async def _begin(request: Request) -> UnitOfWork:
    """Open a unit of work that sets nothing on the connection: nobody acts."""
    database: Database = request.app.state.database
    organization: UUID = request.app.state.organization
    uow = UnitOfWork(database.sessions(), Actor.system(organization))
    del uow.session.info["actor"]
    request.state.uow = uow
    return uow


@router.get("/plans", response_model=PlanPage)
async def list_strategic_plans(
    params: Annotated[PlanFilter, Query()], uow: Annotated[UnitOfWork, Depends(_begin)]
) -> Rows[StrategicPlan]:
    statement = (
        select(StrategicPlan)
        .where(StrategicPlan.org_id == uow.actor.org_id)
        .options(selectinload(StrategicPlan.goals))
    )
    return await page(uow.session, statement, StrategicPlan, params)


def create_app() -> FastAPI:
    """Return the unguarded list; planning's environment is given, with another login."""
    app = install(
        service="planning",
        settings=Settings(),
        metadata=Base.metadata,
        title="The list without its walls",
        description="For comparison.",
    )
    app.state.feed = None
    app.state.organization = UUID(os.environ["BENCH_ORG_ID"])
    app.include_router(router)
    return app
