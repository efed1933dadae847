"""The shared code is tried out on a made-up service, by a clock that a test moves."""

import pytest

from libs.tenancy import tokens
from libs.tenancy.tests.issuing import Clock
from libs.tests.fixtures import app, connections, database, lending

__all__ = ["app", "connections", "database", "lending"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(tokens, "time", made)
    return made
