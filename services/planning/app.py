"""Planning over HTTP: the composition root names the slices."""

from __future__ import annotations

from fastapi import FastAPI

from libs.chassis.http import install
from services.planning.db import Base
from services.planning.ppas import routes as ppas
from services.planning.settings import Settings
from services.planning.special_provisions import routes as special_provisions
from services.planning.strategic_plans import routes as strategic_plans


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the planning application; settings come from the environment when not given."""
    app = install(
        service="planning",
        module="planning",
        settings=settings or Settings(),
        metadata=Base.metadata,
        title="BMMS Planning",
        description="Strategic plans with goals, and the register of PPAs of one organization.",
    )
    app.include_router(strategic_plans.router)
    app.include_router(ppas.router)
    app.include_router(special_provisions.router)
    return app
