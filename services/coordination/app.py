"""Coordination over HTTP: the composition root names the slices."""

from __future__ import annotations

from fastapi import FastAPI

from libs.chassis.http import install
from services.coordination.db import Base
from services.coordination.inter_moa_partnerships import routes as inter_moa_partnerships
from services.coordination.member_notes import routes as member_notes
from services.coordination.participations import routes as participations
from services.coordination.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the coordination application; settings come from the environment when not given."""
    app = install(
        service="coordination",
        module="coordination",
        settings=settings or Settings(),
        metadata=Base.metadata,
        title="BMMS Coordination",
        description="Partnerships of several organizations: led by one, joined by invitation.",
    )
    app.include_router(inter_moa_partnerships.router)
    app.include_router(participations.router)
    app.include_router(member_notes.router)
    return app
