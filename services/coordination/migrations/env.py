"""Alembic's entry for coordination; importing app and worker names every slice."""

import services.coordination.worker  # noqa: F401
from libs.chassis.migrations import run
from services.coordination.app import Base

run("coordination", Base.metadata)
