"""Coordination's other process: relays its events, and keeps identity's register in mind."""

from __future__ import annotations

from libs.chassis.worker import run_worker
from services.coordination.db import Base
from services.coordination.known_organizations import subscribers as known_organizations
from services.coordination.settings import Settings

if __name__ == "__main__":
    run_worker("coordination", Settings(), Base.metadata, [known_organizations])
