"""The token endpoint: a code once, a refresh token once, and one organization in every token."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select, text, update

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.actor import Actor
from services.identity.authorizations.model import Authorization, RefreshToken
from services.identity.memberships.model import Membership
from services.identity.sessions.model import digest
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import OPERATOR, a_user, may, pass_time
from services.identity.users.model import User


@pytest.fixture
async def amina(transactions: Database) -> User:
    return await a_user(
        transactions, "amina@moh.example", MOH=("manager", "can_approve_plans"), MOLE="viewer"
    )


async def decoded(browser: Browser, token: str) -> Any:
    keys = KeySet.import_key_set((await browser.get("/oauth2/jwks")).json())
    return jwt.decode(token, keys, algorithms=["ES256"])


@pytest.mark.usefixtures("amina")
async def test_the_access_token_says_who_for_whom_and_what(amina: User, browser: Browser) -> None:
    given = await browser.tokens("amina@moh.example")
    token = await decoded(browser, given["access_token"])
    assert token.header["typ"] == "at+jwt"
    assert token.header["alg"] == "ES256"
    claims = token.claims
    assert claims["iss"] == ISSUER
    assert claims["aud"] == f"{ISSUER}/api"
    assert claims["sub"] == str(amina.id)
    assert claims["client_id"] == "bmms-cli"
    assert claims["exp"] - claims["iat"] == 300 == given["expires_in"]
    assert (claims["org_code"], claims["org_roles"]) == ("MOH", ["manager"])
    assert (claims["acr"], claims["amr"]) == ("urn:bmms:mfa", ["pwd", "otp", "mfa"])
    assert may(claims["permissions"], "planning.strategic_plan.approve")
    assert not may(claims["permissions"], "budgeting.proposal.approve")
    assert claims["modules"] == ["mana", "planning", "budgeting", "me", "coordination", "policies"]
    assert claims["scope"] == "openid profile email"
    assert {"jti", "sid", "auth_time", "org"} <= set(claims)


@pytest.mark.usefixtures("amina")
async def test_the_id_token_is_for_the_client_and_carries_its_nonce(browser: Browser) -> None:
    given = await browser.tokens("amina@moh.example")
    token = await decoded(browser, given["id_token"])
    assert token.header["typ"] == "JWT"
    assert (token.claims["iss"], token.claims["aud"]) == (ISSUER, "bmms-cli")
    assert token.claims["nonce"] == "some nonce"
    assert token.claims["email"] == "amina@moh.example"
    assert "at_hash" in token.claims


@pytest.mark.usefixtures("amina")
async def test_without_openid_there_is_no_id_token(browser: Browser) -> None:
    given = await browser.tokens("amina@moh.example", scope="profile")
    assert "id_token" not in given


@pytest.mark.usefixtures("amina")
async def test_the_organization_asked_for_is_the_one_in_the_token(browser: Browser) -> None:
    given = await browser.tokens("amina@moh.example", organization="MOLE")
    claims = (await decoded(browser, given["access_token"])).claims
    assert (claims["org_code"], claims["org_roles"]) == ("MOLE", ["viewer"])
    again = (await browser.refresh(given["refresh_token"])).json()
    claims = (await decoded(browser, again["access_token"])).claims
    assert claims["org_code"] == "MOLE"


@pytest.mark.usefixtures("amina")
async def test_a_code_replayed_revokes_what_it_gave(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    code = await browser.code()
    given = (await browser.exchange(code)).json()
    replayed = await browser.exchange(code)
    assert replayed.status_code == 400
    assert replayed.json()["error"] == "invalid_grant"
    refused = await browser.refresh(given["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.usefixtures("amina")
async def test_a_code_exchanged_ten_times_at_once_gives_one_token(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    code = await browser.code()
    answers = await asyncio.gather(*(browser.exchange(code) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9


WRONG_EXCHANGES = [
    ({"code_verifier": "w" * 43}, "invalid_grant"),
    ({"code_verifier": "short"}, "invalid_request"),
    ({"code_verifier": ""}, "invalid_request"),
    ({"redirect_uri": "http://127.0.0.1/other"}, "invalid_grant"),
    ({"redirect_uri": ""}, "invalid_grant"),
    ({"client_id": "bmms-web"}, "invalid_grant"),
    ({"client_id": "stranger"}, "invalid_client"),
    ({"code": "invented"}, "invalid_grant"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"code": 'bad"char'}, "invalid_request"),
]


@pytest.mark.usefixtures("amina")
async def test_a_wrong_exchange_gives_no_token(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    for changes, error in WRONG_EXCHANGES:
        answer = await browser.exchange(**{"code": await browser.code(), **changes})
        assert (answer.status_code, answer.json()["error"]) == (400, error), changes
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("amina")
async def test_another_client_cannot_use_a_code_up(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    code = await browser.code()
    assert (await browser.exchange(code, client_id="bmms-web")).status_code == 400
    assert (await browser.exchange(code)).status_code == 200


@pytest.mark.usefixtures("amina")
async def test_a_code_is_over_after_a_minute(browser: Browser, database: ServiceDatabase) -> None:
    await browser.sign_in("amina@moh.example")
    code = await browser.code()
    await pass_time(database, "61 seconds")
    assert (await browser.exchange(code)).json()["error"] == "invalid_grant"


@pytest.mark.usefixtures("amina")
async def test_json_is_not_a_form(browser: Browser) -> None:
    answer = await browser.post("/oauth2/token", json={"grant_type": "authorization_code"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.usefixtures("amina")
async def test_a_refresh_token_is_replaced_and_its_reuse_revokes_the_family(
    browser: Browser, transactions: Database
) -> None:
    first = await browser.tokens("amina@moh.example")
    second = (await browser.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    reused = await browser.refresh(first["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    newest = await browser.refresh(second["refresh_token"])
    assert newest.json()["error"] == "invalid_grant"
    async with transactions.unit_of_work(OPERATOR) as uow:
        family = (await uow.session.scalars(select(Authorization))).one()
    assert family.revoked_because == "second use of refresh_tokens"


@pytest.mark.usefixtures("amina")
async def test_a_refresh_token_used_ten_times_at_once_ends_the_family(browser: Browser) -> None:
    first = await browser.tokens("amina@moh.example")
    answers = await asyncio.gather(*(browser.refresh(first["refresh_token"]) for _ in range(10)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert (await browser.refresh(won[0].json()["refresh_token"])).status_code == 400


@pytest.mark.usefixtures("amina")
async def test_refresh_tokens_end_when_idle_and_at_the_absolute_limit(
    browser: Browser, transactions: Database, database: ServiceDatabase
) -> None:
    given = await browser.tokens("amina@moh.example")
    async with transactions.unit_of_work(OPERATOR) as uow:
        kept = (await uow.session.scalars(select(RefreshToken))).one()
        family = (await uow.session.scalars(select(Authorization))).one()
    assert kept.digest == digest(given["refresh_token"])
    idle = kept.expires_at - family.authenticated_at
    assert timedelta(minutes=30) <= idle < timedelta(minutes=31)
    assert family.expires_at - family.authenticated_at == timedelta(hours=10)
    await pass_time(database, "31 minutes")
    assert (await browser.refresh(given["refresh_token"])).status_code == 400


@pytest.mark.usefixtures("amina")
async def test_the_scope_may_shrink_and_never_grow(browser: Browser) -> None:
    given = await browser.tokens("amina@moh.example", scope="openid")
    grown = await browser.refresh(given["refresh_token"], scope="openid email")
    assert grown.json()["error"] == "invalid_scope"
    assert (await browser.refresh(given["refresh_token"])).status_code == 200


@pytest.mark.usefixtures("amina")
async def test_revoking_ends_the_family_and_an_unknown_token_is_revoked_already(
    browser: Browser,
) -> None:
    given = await browser.tokens("amina@moh.example")
    fields = {"client_id": "bmms-cli", "token": given["refresh_token"]}
    other = await browser.post("/oauth2/revoke", data={**fields, "client_id": "bmms-web"})
    assert other.json()["error"] == "invalid_grant"
    assert (await browser.post("/oauth2/revoke", data=fields)).status_code == 200
    assert (await browser.refresh(given["refresh_token"])).status_code == 400
    unknown = await browser.post("/oauth2/revoke", data={**fields, "token": "invented"})
    assert unknown.status_code == 200


async def test_whoever_leaves_the_organization_gets_no_further_token(
    amina: User, browser: Browser, transactions: Database
) -> None:
    given = await browser.tokens("amina@moh.example")
    await end_memberships(transactions, amina)
    refused = await browser.refresh(given["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.usefixtures("amina")
async def test_signing_out_ends_what_was_given_on_that_session(browser: Browser) -> None:
    given = await browser.tokens("amina@moh.example")
    hidden = await browser.form()
    await browser.post("/account/sign-out", data=hidden)
    assert (await browser.refresh(given["refresh_token"])).status_code == 400


@pytest.mark.usefixtures("amina")
async def test_no_secret_is_stored_as_it_is(browser: Browser, transactions: Database) -> None:
    given = await browser.tokens("amina@moh.example")
    secrets = [given["refresh_token"], given["access_token"], *dict(browser.cookies).values()]
    async with transactions.unit_of_work(OPERATOR) as uow:
        for table in ("sign_in_sessions", "authorization_codes", "refresh_tokens"):
            rows = await uow.session.execute(text(f"SELECT * FROM identity.{table}"))
            stored = str(rows.all())
            assert stored != "[]"
            assert not [secret for secret in secrets if secret in stored]


async def test_authlib_never_logs_tokens(identity: FastAPI) -> None:
    assert identity is not None
    assert not logging.getLogger("authlib.oauth2").isEnabledFor(logging.DEBUG)


async def end_memberships(database: Database, user: User) -> None:
    async with database.unit_of_work(user.as_person()) as uow:
        own = await uow.session.scalars(select(Membership).where(Membership.user_id == user.id))
        places = [(row.org_id, row.id) for row in own]
    for org_id, membership_id in places:
        async with database.unit_of_work(Actor.system(org_id)) as uow:
            ended = update(Membership).where(Membership.id == membership_id)
            await uow.session.execute(ended.values(is_active=False, ended_on=Membership.joined_on))
