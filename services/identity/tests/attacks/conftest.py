"""People to attack: Amina, and a boss who approves and so has an authenticator app."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from services.identity.tests.browser import Browser
from services.identity.tests.factories import PASSWORD, a_user
from services.identity.tests.steps import AMINA, BOSS
from services.identity.users.model import User


@pytest.fixture
async def amina(transactions: Database) -> User:
    return await a_user(transactions, AMINA, MOH="staff")


@pytest.fixture
async def boss(transactions: Database) -> User:
    """Give someone who approves, and so has an authenticator app."""
    return await a_user(transactions, BOSS, MOH=("manager", "can_approve_plans"))


@pytest.fixture
async def halfway(identity: FastAPI, boss: User) -> AsyncIterator[Browser]:
    """Give a browser that has shown the boss's password and no more."""
    async with Browser(identity) as browser:
        fields = {**await browser.form(), "email": BOSS, "password": PASSWORD}
        answer = await browser.post("/account/sign-in", data=fields)
        assert answer.headers["location"] == "/account/second-factor"
        yield browser
