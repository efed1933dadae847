"""Budgeting's tests run on the budgeting application."""

import pytest


@pytest.fixture
def service() -> str:
    return "budgeting"
