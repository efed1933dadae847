"""The shared code is tried out on a made-up service, on a real database and a real event bus."""

from libs.tests.fixtures import (
    administrator,
    app,
    bus,
    connections,
    database,
    lending,
    lending_passwords,
)

__all__ = [
    "administrator",
    "app",
    "bus",
    "connections",
    "database",
    "lending",
    "lending_passwords",
]
