"""Planning's tests run on the planning application."""

import pytest


@pytest.fixture
def service() -> str:
    return "planning"
