"""Who has lost a second factor gets in again when two people say so, and sets up a new one."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from services.identity.credentials.queries import has_factor
from services.identity.tests.browser import Browser
from services.identity.tests.factories import OPERATOR, a_user, letters_of, subjects_of_letters
from services.identity.tests.steps import AMINA, is_in

HOME = "/api/v1/moa/MOH/identity"


@pytest.fixture
async def admins(identity: FastAPI, transactions: Database) -> Any:
    """Give Amina, who approves plans, and two administrators at their browsers."""
    await a_user(transactions, AMINA, MOH=("staff", "can_approve_plans"))
    browsers = []
    for nth, name in enumerate(("one", "two")):
        await a_user(transactions, f"{name}@moh.example", MOH="admin")
        browsers.append(Browser(identity, address=f"192.0.{nth}.1"))
        await browsers[-1].tokens(f"{name}@moh.example")
    yield browsers
    for browser in browsers:
        await browser.aclose()


async def ask(admin: Browser, email: str = AMINA) -> Any:
    members = (await admin.get(f"{HOME}/members", params={"limit": 200})).json()["items"]
    found = next(each for each in members if each["email"] == email)
    body = {"kind": "factor_reset", "user_id": found["user_id"], "reason": "Her phone fell."}
    return await admin.post(f"{HOME}/approvals", json=body)


async def approve(admin: Browser, request: dict[str, Any]) -> Any:
    return await admin.post(
        f"{HOME}/approvals/{request['id']}/approve",
        headers={"If-Match": f'"{request["version"]}"'},
    )


async def test_two_administrators_reset_a_lost_factor_and_the_person_sets_up_another(
    admins: list[Browser], browser: Browser, transactions: Database
) -> None:
    first, second = admins
    mine = await browser.tokens(AMINA)
    request = (await ask(first)).json()
    alone = await approve(first, request)
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert await is_in(browser)
    done = await approve(second, request)
    assert (done.status_code, done.json()["status"]) == (200, "executed"), done.text
    assert not await is_in(browser)
    assert (await browser.refresh(mine["refresh_token"])).status_code == 400
    assert (await browser.get("/api/v1/identity/me")).status_code == 401
    assert "Amina Person" in (await letters_of(transactions))[-1][1]["full_name"]
    assert (await subjects_of_letters(transactions))[-1] == "factors_reset"
    answer = await browser.sign_in(AMINA)
    assert answer.headers["location"].startswith("/account/enrolment")
    assert "have reset your second step" in (await browser.get("/account/enrolment")).text
    page = await browser.get("/account")
    assert page.headers["location"].startswith("/account/enrolment")
    trail = (await first.get(f"{HOME}/audit-events", params={"action": "factors.reset"})).json()
    assert [each["reason"] for each in trail["items"]] == ["Her phone fell."]


async def test_nobody_resets_their_own_factor_nor_one_that_is_not_there(
    admins: list[Browser], transactions: Database
) -> None:
    first, _ = admins
    own = await ask(first, "one@moh.example")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    none = await ask(first, "two@moh.example")
    assert (none.status_code, none.json()["code"]) == (409, "no_factor")


async def test_an_organization_resets_its_own_people_alone(
    admins: list[Browser], transactions: Database
) -> None:
    first, _ = admins
    places: dict[str, Any] = {"MOH": ("staff", "can_approve_plans"), "MOLE": "viewer"}
    both = await a_user(transactions, "both@moh.example", **places)
    refused = await ask(first, both.email)
    assert (refused.status_code, refused.json()["code"]) == (409, "serves_elsewhere")
    stranger = await a_user(transactions, "his@mole.example", MOLE="staff")
    body = {"kind": "factor_reset", "user_id": str(stranger.id), "reason": "Lost."}
    unknown = await first.post(f"{HOME}/approvals", json=body)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "membership_not_found")
    async with transactions.unit_of_work(OPERATOR) as uow:
        assert await has_factor(uow.session, both.id)
