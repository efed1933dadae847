"""Tokens are verified by a clock that a test moves."""

import pytest

from libs.tenancy import denials, tokens
from libs.tenancy.tests.issuing import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (tokens, denials):
        monkeypatch.setattr(module, "time", made)
    return made
