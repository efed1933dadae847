"""OCM over HTTP: the composition root names the slices; there is nothing but GET."""

from __future__ import annotations

from fastapi import FastAPI

from libs.chassis.http import install
from services.ocm.budget_overview import routes as budget_overview
from services.ocm.coordination_overview import routes as coordination_overview
from services.ocm.db import Base
from services.ocm.needs_overview import routes as needs_overview
from services.ocm.overview import routes as overview
from services.ocm.planning_overview import routes as planning_overview
from services.ocm.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the oversight application; settings come from the environment when not given."""
    app = install(
        service="ocm",
        settings=settings or Settings(),
        metadata=Base.metadata,
        title="BMMS Oversight",
        description="Aggregates of all organizations for the Office of the Chief Minister.",
    )
    for slice_routes in (
        overview,
        planning_overview,
        budget_overview,
        needs_overview,
        coordination_overview,
    ):
        app.include_router(slice_routes.router)
    return app
