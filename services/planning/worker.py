"""Planning's other process: relays its events, and keeps identity's register in mind."""

from __future__ import annotations

from libs.chassis.worker import run_worker
from services.planning.db import Base
from services.planning.known_organizations import subscribers as known_organizations
from services.planning.settings import Settings

if __name__ == "__main__":
    run_worker("planning", Settings(), Base.metadata, [known_organizations])
