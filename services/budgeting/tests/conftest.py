"""Budgeting's tests run on the budgeting application."""

import pytest
from fastapi import FastAPI

import services.budgeting.app
import services.budgeting.worker  # noqa: F401 (with the app it names every table: keys find theirs)
from services.budgeting.tests.neighbours import know_register


@pytest.fixture
def service() -> str:
    return "budgeting"


@pytest.fixture
async def register(app: FastAPI) -> None:
    """Let the organizations of the tests be known, for whoever issues something for them."""
    await know_register(app.state.database)
