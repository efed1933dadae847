"""Alembic's entry for mana; importing app and worker names every slice."""

import services.mana.worker  # noqa: F401
from libs.chassis.migrations import run
from services.mana.app import Base

run("mana", Base.metadata)
