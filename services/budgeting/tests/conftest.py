"""Budgeting's tests run on the budgeting application."""

import pytest

import services.budgeting.app
import services.budgeting.worker  # noqa: F401 (with the app it names every table: keys find theirs)


@pytest.fixture
def service() -> str:
    return "budgeting"
