"""Identity as a service: migrations that lead both ways, health, refusals, nothing left behind."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import ServiceContract, ServiceDatabase
from services.identity.organizations.model import Module, OrganizationNotFound, organization_id
from services.identity.organizations.usecases import disable_module
from services.identity.tests.browser import Browser
from services.identity.tests.factories import OPERATOR, events_of


async def test_it_tells_that_it_is_live_and_ready(browser: Browser) -> None:
    for kind in ("live", "ready"):
        answer = await browser.get(f"/api/v1/identity/health/{kind}")
        assert (answer.status_code, answer.json()["status"]) == (200, kind)


async def test_refusals_are_problems(browser: Browser) -> None:
    answer = await browser.get("/api/v1/identity/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_fails_leaves_no_event(
    transactions: Database, database: ServiceDatabase
) -> None:
    announced = len(await events_of(database))
    with pytest.raises(OrganizationNotFound):
        await switch_and_fail(transactions)
    assert len(await events_of(database)) == announced


async def switch_and_fail(transactions: Database) -> None:
    async with transactions.unit_of_work(OPERATOR) as uow:
        await disable_module(uow, organization_id("moh"), Module.mana, "Never mind")
        await disable_module(uow, organization_id("nosuch"), Module.mana, "Never mind")


async def test_passwords_and_tokens_are_out_of_the_description(app: FastAPI) -> None:
    told = str(app.openapi())
    assert "password" not in told
    assert "/oauth2/" not in told


class TestIdentity(ServiceContract):
    service = "identity"
