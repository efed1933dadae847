"""Alembic's entry for identity; importing app and worker names every slice."""

import services.identity.worker  # noqa: F401
from libs.chassis.migrations import run
from services.identity.app import Base

run("identity", Base.metadata)
