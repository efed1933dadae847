"""What is taken away is refused everywhere within seconds; while that is unsure, nobody writes."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from deploy.cli.token import Credentials, browser_for, token_in
from deploy.local.trouble import CannotStart
from tests.e2e.system import PATIENCE_SECONDS, System, Visitor, eventually
from tests.e2e.test_planning_journey import PLAN

SILENCE_SECONDS = 30.0
TRIES = 3
MEMBER = ("viewer", "MAFAR")
"""Of an organization whose people do nothing else here for longer than a request."""

PLANS = "planning/strategic-plans"


def test_a_person_removed_from_an_organization_is_refused_by_planning(system: System) -> None:
    admin = system.person("admin", "MOH")
    for _ in range(TRIES):
        remove_and_bring_back(system, admin)


def remove_and_bring_back(system: System, admin: Visitor) -> None:
    """Remove MOH's viewer until planning has heard of it; how soon that is, the bench measures."""
    viewer = system.person("viewer", "MOH")
    assert viewer.get(viewer.at(PLANS)).status_code == 200
    with removed(system, admin):
        eventually(lambda: refused(viewer))
        assert viewer.get(viewer.at("budgeting/proposals")).status_code == 401
    again = system.person("viewer", "MOH", afresh=True)
    seen = again.get(again.at(PLANS))
    assert seen.status_code == 200, seen.text
    refused(viewer)


def test_a_suspended_organizations_people_are_refused_until_it_is_resumed(system: System) -> None:
    platform, viewer = system.person("platform_administrator", "OOBC"), system.person(*MEMBER)
    eventually(lambda: let_in(viewer))
    organizations = "/api/v1/identity/organizations"
    found = platform.get(f"{organizations}/by-code/{viewer.org}").json()["id"]
    why = {"reason": "An exercise: its accounts are being misused.", "is_emergency": True}
    done = platform.post(f"{organizations}/{found}/suspend", json=why)
    assert done.status_code == 200, done.text
    try:
        eventually(lambda: refused(viewer))
        with pytest.raises(CannotStart, match=r"could not sign in|no token"):
            system.person(*MEMBER, afresh=True)
    finally:
        back = platform.post(f"{organizations}/{found}/resume", json={"reason": "It is over."})
        system.forget(viewer.org)
    assert back.status_code == 200, back.text
    again = system.person(*MEMBER)
    eventually(lambda: let_in(again))
    refused(viewer)


def test_what_a_session_gave_is_refused_once_it_is_signed_out(system: System) -> None:
    account = system.accounts["@".join(MEMBER)]
    with browser_for(system.settings) as browser:
        person = Credentials(account["email"], account["password"])
        viewer = Visitor(system.url, MEMBER[1], token_in(browser, person, MEMBER[1]))
        eventually(lambda: let_in(viewer))
        (token,) = set(
            re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/account").text)
        )
        out = browser.post("/account/sign-out", data={"csrf_token": token})
        assert out.is_redirect, out.text
    eventually(lambda: refused(viewer))


@contextmanager
def removed(system: System, admin: Visitor) -> Iterator[None]:
    email = system.accounts["viewer@MOH"]["email"]
    newest = {"limit": 200, "is_active": True, "sort": "-created_at"}
    members = admin.get(admin.at("identity/members"), params=newest)
    member = next(each for each in members.json()["items"] if each["email"] == email)
    ended = admin.act(
        admin.at(f"identity/members/{member['id']}"), "end", {"reason": "left the ministry"}
    )
    assert ended.status_code == 200, ended.text
    try:
        yield
    finally:
        joined = admin.post(
            admin.at("identity/members"), json={"email": email, "role": member["role"]}
        )
        assert joined.status_code == 201, joined.text


def let_in(visitor: Visitor) -> None:
    answer = visitor.get(visitor.at(PLANS))
    assert answer.status_code == 200, answer.text


def refused(visitor: Visitor) -> None:
    answer = visitor.get(visitor.at(PLANS))
    assert answer.status_code == 401, answer.text
    assert answer.json()["detail"] == "The access token was rejected: revoked."


def test_nobody_writes_while_the_feed_is_silent_and_everybody_reads(system: System) -> None:
    staff = system.person("staff", "MOLE")
    preview = staff.at(f"{PLANS}?validate_only=true")
    assert staff.post(preview, json=PLAN).status_code == 201
    os.kill(system.pid("nats"), signal.SIGSTOP)
    try:
        patience = SILENCE_SECONDS + PATIENCE_SECONDS
        closed = eventually(lambda: silent(staff.post(preview, json=PLAN)), seconds=patience)
        assert closed.headers["retry-after"] == "5"
        assert staff.get(staff.at(PLANS)).status_code == 200
        ready = staff.get("/api/v1/planning/health/ready").json()
        assert ready["revocations"]["is_silent"] is True
    finally:
        os.kill(system.pid("nats"), signal.SIGCONT)
    eventually(lambda: written(staff.post(preview, json=PLAN)))


def silent(answer: httpx.Response) -> httpx.Response:
    assert (answer.status_code, answer.json()["code"]) == (503, "revocation_feed_silent")
    return answer


def written(answer: httpx.Response) -> None:
    assert answer.status_code == 201, answer.text
