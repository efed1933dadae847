"""Every grant, every proof and every pushed request, as they are meant to be used."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import may
from services.identity.tests.houses import House, a_house
from services.identity.tests.program import (
    AMINA,
    ANALYST,
    DEVICE_CODE,
    Program,
    a_key,
    came_back,
    payload,
)

house = pytest.fixture(a_house, scope="module")


@pytest.fixture(scope="module")
async def browser(house: House) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        assert (await browser.sign_in(AMINA)).status_code == 303
        yield browser


@pytest.fixture(scope="module")
async def observer(house: House) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        assert (await browser.sign_in(ANALYST)).status_code == 303
        yield browser


async def test_a_pushed_request_gives_tokens_that_are_bound_to_the_key(
    house: House, browser: Browser
) -> None:
    program = await house.program()
    given = await program.tokens(browser)
    assert given["token_type"] == "DPoP"
    assert payload(given["access_token"])["cnf"] == {"jkt": program.proof_key.thumbprint()}  # type: ignore[union-attr]
    assert (await program.call(given["access_token"])).status_code == 200
    again = (await program.refresh(given["refresh_token"])).json()
    assert (await program.call(again["access_token"])).status_code == 200


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
async def test_a_client_shows_itself_as_it_was_registered_to(
    house: House, browser: Browser, method: str
) -> None:
    program = await house.program(bound=False, token_endpoint_auth_method=method)
    code = came_back(await browser.get("/oauth2/authorize", params=program.request()))["code"]
    fields = {}
    if method == "client_secret_basic":
        secret, program.secret = program.secret, ""
        fields = {"headers": basic(program.client_id, secret)}
    assert (await program.exchange(code, **fields)).status_code == 200


def basic(name: str, secret: str) -> dict[str, str]:
    import base64

    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"}


async def test_switching_gives_a_token_for_another_organization_of_ones_own(
    house: House, browser: Browser
) -> None:
    program = await house.program()
    given = await program.tokens(browser)
    answer = await program.trade(given["access_token"], "MOLE")
    assert answer.status_code == 200, answer.text
    switched = answer.json()
    assert switched["issued_token_type"].endswith(":access_token")
    claims = payload(switched["access_token"])
    assert (claims["org_code"], claims["org_roles"]) == ("MOLE", ["viewer"])
    assert not may(claims["permissions"], "planning.strategic_plan.approve")
    again = (await program.refresh(switched["refresh_token"])).json()
    assert payload(again["access_token"])["org_code"] == "MOLE"
    assert (await program.refresh(given["refresh_token"])).status_code == 200


async def test_one_does_not_switch_to_where_one_does_not_belong(
    house: House, browser: Browser
) -> None:
    program = await house.program()
    token = (await program.tokens(browser))["access_token"]
    for code in ("MAFAR", "OCM", "NOSUCH"):
        answer = await program.trade(token, code)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target"), code
    for changes in (
        {"audience": "https://elsewhere.example"},
        {"resource": f"{ISSUER}/other"},
    ):
        answer = await program.trade(token, "MOLE", **changes)
        assert answer.json()["error"] == "invalid_target"
    for changes in (
        {"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": token},
    ):
        answer = await program.trade(token, "MOLE", **changes)
        assert answer.json()["error"] == "invalid_request"


def observation(**changes: str) -> dict[str, str]:
    until = datetime.now(UTC) + timedelta(minutes=30)
    asked = {"purpose": "audit", "reference": "Order 7 of 2026", "until": until.isoformat()}
    return {**asked, **changes}


async def test_the_oversight_office_observes_for_a_purpose_until_an_end(
    house: House, observer: Browser
) -> None:
    program = await house.program()
    token = (await program.tokens(observer))["access_token"]
    answer = await program.trade(token, "MOH", **observation())
    assert answer.status_code == 200, answer.text
    claims = payload(answer.json()["access_token"])
    assert claims["org_code"] == "MOH"
    assert claims["act"]["sub"] == claims["sub"]
    assert claims["act"]["org_code"] == "OCM"
    assert claims["purpose"] == "audit"
    assert may(claims["permissions"], "planning.strategic_plan.read")
    for verb in ("create", "change", "approve"):
        assert not may(claims["permissions"], f"planning.strategic_plan.{verb}")
    assert not may(claims["permissions"], "oversight.all.read")
    second = await program.trade(answer.json()["access_token"], "MOLE", **observation())
    assert second.json()["error"] == "invalid_grant"


async def test_an_observation_wants_a_purpose_a_reference_and_an_end(
    house: House, observer: Browser, browser: Browser
) -> None:
    program = await house.program()
    token = (await program.tokens(observer))["access_token"]
    late = (datetime.now(UTC) + timedelta(hours=9)).isoformat()
    for changes in (
        {"purpose": "curiosity"},
        {"reference": " "},
        {"until": "tomorrow"},
        {"until": late},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": late[:19]},
    ):
        answer = await program.trade(token, "MOH", **observation(**changes))
        assert answer.json()["error"] == "invalid_request", changes
    member = (await program.tokens(browser))["access_token"]
    answer = await program.trade(member, "MAFAR", **observation())
    assert answer.json()["error"] == "invalid_target"


async def test_a_program_gets_a_token_in_its_own_name(house: House) -> None:
    program = await house.service("MOH", "planning.*.read")
    answer = await program.post("/oauth2/token", grant_type="client_credentials")
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert "refresh_token" not in given
    claims = payload(given["access_token"])
    assert (claims["org_code"], claims["permissions"]) == ("MOH", ["planning.*.read"])
    assert house.app.state.verifier is not None
    actor = await house.app.state.verifier.verify(given["access_token"])
    assert actor.may("planning.strategic_plan.read")
    nobody = await house.program(bound=False)
    answer = await nobody.post("/oauth2/token", grant_type="client_credentials")
    assert answer.json()["error"] == "unauthorized_client"


async def device(program: Program) -> dict[str, str]:
    answer = await program.post("/oauth2/device_authorization", scope="openid profile")
    assert answer.status_code == 200, answer.text
    begun: dict[str, str] = answer.json()
    return begun


async def poll(program: Program, begun: dict[str, str]) -> tuple[int, dict[str, str]]:
    answer = await program.post(
        "/oauth2/token", grant_type=DEVICE_CODE, device_code=begun["device_code"]
    )
    return answer.status_code, answer.json()


async def answer_device(browser: Browser, user_code: str, **fields: str) -> str:
    page = await browser.get("/device", params={"user_code": user_code})
    token = dict(re.findall(r'name="(csrf_token)" value="([^"]*)"', page.text))["csrf_token"]
    shown = await browser.post("/device", data={"csrf_token": token, "user_code": user_code})
    if not fields:
        return shown.text
    sent = {"csrf_token": token, "user_code": user_code, **fields}
    return (await browser.post("/device", data=sent)).text


async def test_a_device_acts_once_a_person_has_allowed_it(house: House, browser: Browser) -> None:
    program = await house.program(bound=False)
    begun = await device(program)
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", begun["user_code"])
    assert begun["verification_uri"] == f"{ISSUER}/device"
    assert (await poll(program, begun))[1]["error"] == "authorization_pending"
    assert (await poll(program, begun))[1]["error"] == "slow_down"
    page = await answer_device(browser, begun["user_code"].lower())
    assert "A program wants to act for Amina Person" in page
    allowed = await answer_device(
        browser, begun["user_code"], decision="allow", organization="MOLE"
    )
    assert "The device may act for you" in allowed
    status, given = await poll(program, begun)
    assert (status, payload(given["access_token"])["org_code"]) == (200, "MOLE")
    assert (await program.refresh(given["refresh_token"])).status_code == 200
    assert (await poll(program, begun))[1]["error"] == "invalid_grant"
    assert (await program.refresh(given["refresh_token"])).status_code == 400


async def test_a_device_that_is_turned_away_gets_nothing(house: House, browser: Browser) -> None:
    program = await house.program(bound=False)
    begun = await device(program)
    assert "turned away" in await answer_device(browser, begun["user_code"], decision="deny")
    assert (await poll(program, begun))[1]["error"] == "access_denied"
    assert "not known" in await answer_device(browser, begun["user_code"])
    assert "not known" in await answer_device(browser, "BBBB-BBBB")
    other = await device(program)
    refused = await answer_device(
        browser, other["user_code"], decision="allow", organization="MAFAR"
    )
    assert "does not belong to it" in refused


async def test_the_page_for_devices_is_for_who_is_signed_in_and_for_its_own_form(
    house: House, browser: Browser
) -> None:
    async with house.browser() as stranger:
        answer = await stranger.get("/device", params={"user_code": "BCDF-GHJK"})
        assert answer.status_code == 303
        assert "%2Fdevice%3Fuser_code%3DBCDF-GHJK" in answer.headers["location"]
    assert (await browser.post("/device", data={"user_code": "BCDF-GHJK"})).status_code == 403
    assert (await browser.post("/device", content="{}")).status_code == 400


async def test_introspection_tells_a_client_of_its_own_and_its_organizations_tokens(
    house: House, browser: Browser
) -> None:
    program, other = await house.program(), await house.program()
    given = await program.tokens(browser)
    for kind in ("access_token", "refresh_token"):
        own = (await program.post("/oauth2/introspect", token=given[kind])).json()
        assert own["active"] is True
        assert own["client_id"] == program.client_id
        assert (await other.post("/oauth2/introspect", token=given[kind])).json() == {
            "active": False
        }
    here, there = await house.service("MOH"), await house.service("MOLE")
    told = (await here.post("/oauth2/introspect", token=given["access_token"])).json()
    assert (told["org_code"], told["token_type"]) == ("MOH", "DPoP")
    assert (await there.post("/oauth2/introspect", token=given["access_token"])).json() == {
        "active": False
    }
    public = await house.program(bound=False, token_endpoint_auth_method="none")
    answer = await public.post("/oauth2/introspect", token=given["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revoking_either_token_ends_both(house: House, browser: Browser, kind: str) -> None:
    program = await house.program()
    given = await program.tokens(browser)
    assert (await program.post("/oauth2/revoke", token=given[kind])).status_code == 200
    for each in ("access_token", "refresh_token"):
        told = (await program.post("/oauth2/introspect", token=given[each])).json()
        assert told == {"active": False}
    assert (await program.refresh(given["refresh_token"])).status_code == 400


async def test_a_programs_own_token_can_be_revoked(house: House) -> None:
    program = await house.service("MOH")
    given = (await program.post("/oauth2/token", grant_type="client_credentials")).json()
    token = given["access_token"]
    assert (await program.post("/oauth2/introspect", token=token)).json()["active"] is True
    assert (await program.post("/oauth2/revoke", token=token)).status_code == 200
    assert (await program.post("/oauth2/introspect", token=token)).json() == {"active": False}


async def test_a_native_program_binds_code_and_refresh_token_to_its_key(
    house: House, browser: Browser
) -> None:
    program = await house.program(token_endpoint_auth_method="none", requires_pushed_requests=False)
    given = await program.tokens(browser)
    assert given["token_type"] == "DPoP"
    program.proof_key, right = a_key(), program.proof_key
    refused = await program.refresh(given["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    program.proof_key = right
    assert (await program.refresh(given["refresh_token"])).status_code == 200
