"""Identity keeps what every service keeps; and what fails leaves nothing behind."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import ServiceContract, ServiceDatabase
from services.identity.organizations.model import Module, OrganizationNotFound, organization_id
from services.identity.organizations.usecases import disable_module
from services.identity.tests.factories import OPERATOR, events_of


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


async def test_passwords_and_tokens_are_out_of_the_description(identity: FastAPI) -> None:
    told = str(identity.openapi())
    assert "password" not in told
    assert "/oauth2/" not in told


class TestIdentity(ServiceContract):
    service = "identity"
