"""Standing in for who is away, by machine: every decision that identity lets people delegate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person
from services.budgeting.tests.factories import seed
from services.identity.delegations.model import DECISIONS
from tests.contexts import routes
from tests.contract.operations import operations

SIGNED = ("budgeting.report.approve",)
"""A signature is given by whoever signs, by name."""


@pytest.fixture
def service() -> str:
    return "budgeting"


async def test_who_stands_in_does_no_more_than_the_absent_and_it_is_kept(
    app: FastAPI, database: Any, person: Callable[..., Person]
) -> None:
    names = {str(route.unique_id): permission for route, permission in routes(app)}
    verbs = {each.rpartition(".")[2] for each in DECISIONS}
    decisions = {each for each in names.values() if each.rpartition(".")[2] in verbs}
    assert decisions - set(SIGNED) == set(DECISIONS)
    maker = person("MOH")
    ids = await seed(maker, database)
    decided = [each for each in operations(app.openapi()) if names.get(each.name) in DECISIONS]
    for away in (maker.user_id, uuid4()):
        stands_in = [f"{permission} {away} head" for permission in DECISIONS]
        stand_in = person("MOH", stands_in=stands_in)
        for operation in decided:
            permission = names[operation.name]
            sent = operation.request("MOH", ids)
            path = sent["url"].rpartition("/")[0]
            sent["headers"]["If-Match"] = (await stand_in.get(path)).headers["ETag"]
            answer = await stand_in.request(**sent)
            kept = await stand_in.get(
                f"/api/v1/moa/MOH/budgeting/stand-ins?for_user_id={away}&limit=100"
            )
            done = [one["permission"] for one in kept.json()["items"]]
            if answer.is_success:
                assert permission in done, operation.name
                assert kept.json()["items"][0]["created_by"] == str(stand_in.user_id)
            else:
                assert permission not in done, operation.name
                assert answer.status_code in (403, 409), f"{operation.name}: {answer.text}"
            if permission == "budgeting.allotment.approve":
                assert answer.is_success == (away != maker.user_id), answer.text
                assert answer.is_success or answer.json()["code"] == "beyond_the_absent"
