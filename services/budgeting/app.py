"""Budgeting over HTTP: the composition root names the slices."""

from __future__ import annotations

from fastapi import FastAPI

from libs.chassis.http import install
from services.budgeting.allocations import model as _allocations  # noqa: F401
from services.budgeting.appropriation_items import model as _items  # noqa: F401
from services.budgeting.db import Base
from services.budgeting.proposals import routes as proposals
from services.budgeting.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the budgeting application; settings come from the environment when not given."""
    app = install(
        service="budgeting",
        module="budgeting",
        settings=settings or Settings(),
        metadata=Base.metadata,
        title="BMMS Budgeting",
        description="Budget proposals of one organization, by program and line item, to approval.",
    )
    app.include_router(proposals.router)
    return app
