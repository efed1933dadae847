"""Tokens are verified by a clock that a test moves."""

import pytest

from libs.tenancy import tokens
from libs.tenancy.tests.issuing import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(tokens, "time", made)
    return made
