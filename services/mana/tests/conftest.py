"""MANA's tests run on the mana application."""

import pytest


@pytest.fixture
def service() -> str:
    return "mana"
