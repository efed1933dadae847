"""MANA over HTTP: the composition root names the slices."""

from __future__ import annotations

from fastapi import FastAPI

from libs.chassis.http import install
from services.mana.assessments import routes as assessments
from services.mana.db import Base
from services.mana.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the mana application; settings come from the environment when not given."""
    app = install(
        service="mana",
        module="mana",
        settings=settings or Settings(),
        metadata=Base.metadata,
        title="BMMS MANA",
        description="Needs assessments of one organization, from planning to their findings.",
    )
    app.include_router(assessments.router)
    return app
