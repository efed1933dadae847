"""Alembic's entry for ocm; importing app and worker names every slice."""

import services.ocm.worker  # noqa: F401
from libs.chassis.migrations import run
from services.ocm.app import Base

run("ocm", Base.metadata)
