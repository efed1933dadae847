"""Alembic's entry for budgeting; importing app and worker names every slice."""

import services.budgeting.worker  # noqa: F401
from libs.chassis.migrations import run
from services.budgeting.app import Base

run("budgeting", Base.metadata)
