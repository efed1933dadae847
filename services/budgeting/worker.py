"""Budgeting's other process: relays its events. It listens to nobody yet."""

from __future__ import annotations

from libs.chassis.worker import run_worker
from services.budgeting.db import Base
from services.budgeting.settings import Settings

if __name__ == "__main__":
    run_worker("budgeting", Settings(), Base.metadata)
