"""Alembic's entry for planning; importing app and worker names every slice."""

import services.planning.worker  # noqa: F401
from libs.chassis.migrations import run
from services.planning.app import Base

run("planning", Base.metadata)
