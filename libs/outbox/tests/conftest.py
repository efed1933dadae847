"""The inbox of a service that reads another's events, by a clock that a test moves."""

from __future__ import annotations

import pytest

from libs.chassis.database import Database
from libs.outbox import inbox as inbox_module
from libs.outbox.inbox import Inbox
from libs.outbox.tests.reading import READERS, Clock, Faults
from libs.tests.lending import Base


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(inbox_module, "time", made)
    return made


@pytest.fixture(autouse=True)
def _no_faults() -> None:
    Faults.error = None


@pytest.fixture
def inbox(connections: Database) -> Inbox:
    return Inbox(Base.metadata, connections.sessions, [READERS])
