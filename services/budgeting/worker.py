"""Budgeting's other process: relays its events, and lets what issuers decide take effect."""

from __future__ import annotations

from libs.chassis.worker import run_worker
from services.budgeting.db import Base
from services.budgeting.proposal_steps import subscribers as proposal_steps
from services.budgeting.settings import Settings

SUBSCRIBERS = (proposal_steps,)

if __name__ == "__main__":
    run_worker("budgeting", Settings(), Base.metadata, SUBSCRIBERS)
