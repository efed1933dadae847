"""The shared code is tried out on a made-up service."""

from libs.tests.fixtures import app, connections, database, lending

__all__ = ["app", "connections", "database", "lending"]
