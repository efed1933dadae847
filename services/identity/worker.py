"""Identity's other process: relays its events. It listens to nobody."""

from __future__ import annotations

from libs.chassis.worker import run_worker
from services.identity.db import Base
from services.identity.settings import load_settings

if __name__ == "__main__":
    run_worker("identity", load_settings(), Base.metadata)
