"""Attacks on tokens, each named after the clause that wants it refused.

ASVS is OWASP's Application Security Verification Standard 5.0; the others are RFCs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenRejected, TokenVerifier
from services.identity.audit_events.model import AuditEvent
from services.identity.authorizations.usecases import end_authorizations
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import OPERATOR
from services.identity.tests.houses import House, browser, house, program
from services.identity.tests.program import (
    ANALYST,
    Program,
    a_key,
    ath,
    came_back,
    error,
    part,
    payload,
    signed,
)
from services.identity.users.queries import find_user_by_email

__all__ = ["browser", "house", "program"]


async def test_rfc9700_4_14_2_a_replayed_refresh_token_ends_its_family(
    house: House, program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    again = (await program.refresh(given["refresh_token"])).json()
    assert error(await program.refresh(given["refresh_token"])) == "invalid_grant"
    assert error(await program.refresh(again["refresh_token"])) == "invalid_grant"
    told = await program.post("/oauth2/introspect", token=again["access_token"])
    assert told.json() == {"active": False}
    async with house.database.unit_of_work(OPERATOR) as uow:
        moh = await find_organization_by_code(uow.session, "MOH")
        assert moh is not None
        async with acting_within(uow, moh):
            acts = await uow.session.scalars(select(AuditEvent.action))
            assert "authorization.revoked" in acts.all()


async def test_rfc9700_4_14_2_of_many_at_once_with_one_refresh_token_one_at_most_wins(
    program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    answers = await asyncio.gather(*(program.refresh(given["refresh_token"]) for _ in range(6)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    for answer in won:
        assert error(await program.refresh(answer.json()["refresh_token"])) == "invalid_grant"


async def test_rfc9700_2_2_2_a_stolen_refresh_token_is_worthless_and_cannot_be_spoilt(
    house: House, browser: Browser
) -> None:
    native = await house.program(token_endpoint_auth_method="none", requires_pushed_requests=False)
    given = await native.tokens(browser)
    thief = Program(house.app, native.client_id, proof_key=a_key())
    for _ in range(2):
        assert error(await thief.refresh(given["refresh_token"])) == "invalid_grant"
    thief.proof_key = None
    assert error(await thief.refresh(given["refresh_token"])) == "invalid_dpop_proof"
    assert (await native.refresh(given["refresh_token"])).status_code == 200


async def test_asvs_10_4_8_refreshing_does_not_outlive_the_absolute_end(
    house: House, program: Program, browser: Browser
) -> None:
    from services.identity.tests.test_signing_keys import administer

    given = await program.tokens(browser)
    family = payload(given["access_token"])["grant_id"]
    soon = f"UPDATE authorizations SET expires_at = now() + interval '20 seconds' WHERE id = '{family}'"  # noqa: E501
    await administer(house.admin, soon)
    again = (await program.refresh(given["refresh_token"])).json()
    assert again["expires_in"] <= 20
    over = soon.replace("+ interval '20", "- interval '1")
    await administer(house.admin, over)
    assert error(await program.refresh(again["refresh_token"])) == "invalid_grant"


async def test_asvs_8_4_1_a_token_of_one_organization_opens_nothing_of_another(
    program: Program, browser: Browser
) -> None:
    token = (await program.tokens(browser))["access_token"]
    for code, status in (("MOH", 200), ("MOLE", 403), ("MAFAR", 403), ("NOSUCH", 403)):
        path = f"/api/v1/moa/{code}/identity/members"
        proof = program.proof(path, method="GET", ath=ath(token))
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        async with program.alone() as connection:
            assert (await connection.get(path, headers=headers)).status_code == status, code


async def test_rfc8693_5_an_exchange_takes_nothing_but_ones_own_access_token(
    program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    for subject in (given["id_token"], given["refresh_token"], "nonsense", "a.b.c"):
        assert error(await program.trade(subject, "MOLE")) == "invalid_grant"
    bound = await program.trade(given["access_token"], "MOLE", headers=program_proof(program))
    assert error(bound) == "invalid_grant"
    wide = await program.trade(given["access_token"], "MOLE", scope="openid email phone")
    assert error(wide) == "invalid_scope"
    again = await program.trade(given["access_token"], "MOLE")
    await program.post("/oauth2/revoke", token=given["refresh_token"])
    assert error(await program.trade(given["access_token"], "MOLE")) == "invalid_grant"
    assert again.status_code == 200


def program_proof(program: Program) -> dict[str, str]:
    """Return a good proof by somebody else's key."""
    right, program.proof_key = program.proof_key, a_key()
    proof = program.proof("/oauth2/token")
    program.proof_key = right
    return {"DPoP": proof}


async def test_asvs_8_3_2_who_leaves_the_oversight_office_observes_nobody(
    house: House, program: Program
) -> None:
    async with house.browser() as observer:
        assert (await observer.sign_in(ANALYST)).status_code == 303
        token = (await program.tokens(observer))["access_token"]
    until = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    asked = {"purpose": "audit", "reference": "Order 7", "until": until}
    seen = (await program.trade(token, "MOH", **asked)).json()
    assert (await program.refresh(seen["refresh_token"])).status_code == 200
    seen = (await program.trade(token, "MOH", **asked)).json()
    async with house.database.unit_of_work(OPERATOR) as uow:
        office = await find_organization_by_code(uow.session, "OCM")
        analyst = await find_user_by_email(uow.session, ANALYST)
        assert office is not None
        assert analyst is not None
        ended = await end_authorizations(uow, user_id=analyst.id, org_id=office.id)
        assert ended == 3
        with pytest.raises(ValueError, match="name whose"):
            await end_authorizations(uow)
    assert error(await program.refresh(seen["refresh_token"])) == "invalid_grant"
    told = await program.post("/oauth2/introspect", token=seen["access_token"])
    assert told.json() == {"active": False}


async def test_asvs_9_1_2_tricks_with_the_header_make_no_token(
    house: House, program: Program, browser: Browser
) -> None:
    verifier: TokenVerifier = house.app.state.verifier
    good = (await program.tokens(browser))["access_token"]
    claims = payload(good)
    kid = json.loads(base64.urlsafe_b64decode(good.split(".")[0] + "=="))["kid"]
    mine, published = a_key(), (await jwks(program))[0]
    usual = {"typ": "at+jwt", "kid": kid}
    secret = OctKey.import_key(json.dumps(published).encode())
    forged = [
        f"{part({'alg': 'none', **usual})}.{part(claims)}.",
        f"{part({'alg': 'None', **usual})}.{part(claims)}.",
        signed(usual, claims, secret, "HS256"),
        signed(usual, claims, RSAKey.generate_key(2048), "RS256"),
        signed(usual, claims, mine),
        signed({**usual, "jwk": mine.as_dict(private=False)}, claims, mine),
        signed({**usual, "kid": mine.kid}, claims, mine),
        signed({**usual, "kid": "../../etc/passwd"}, claims, mine),
        signed({**usual, "kid": "' OR 1=1 --"}, claims, mine),
        f"{part({'alg': 'ES256', **usual, 'jku': 'https://evil.example/jwks'})}."
        + ".".join(signed(usual, claims, mine).split(".")[1:]),
        f"{part({'alg': 'ES256', **usual, 'crit': ['b64'], 'b64': False})}."
        + ".".join(good.split(".")[1:]),
        f"{good.split('.')[0]}.{part({**claims, 'org_code': 'MOLE'})}.{good.split('.')[2]}",
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
    ]
    for token in forged:
        with pytest.raises(TokenRejected):
            await verifier.verify(token)
        told = await program.post("/oauth2/introspect", token=token)
        assert told.json() == {"active": False}, token


async def jwks(program: Program) -> list[dict[str, str]]:
    async with program.alone() as connection:
        keys: list[dict[str, str]] = (await connection.get("/oauth2/jwks")).json()["keys"]
    return keys


async def test_asvs_9_2_2_an_id_token_is_no_access_token_and_the_other_way_round(
    house: House, program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    with pytest.raises(TokenRejected, match="not an access token"):
        await house.app.state.verifier.verify(given["id_token"])
    told = await program.post("/oauth2/introspect", token=given["id_token"])
    assert told.json() == {"active": False}
    asked = program.request(prompt="none", id_token_hint=given["access_token"])
    address = await program.post("/oauth2/par", **asked)
    answer = await program.open(browser, address.json()["request_uri"])
    assert came_back(answer)["error"] == "invalid_request"


async def test_asvs_9_1_3_a_flood_of_unknown_key_ids_does_not_reach_the_issuer() -> None:
    asked = []
    key = a_key()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"keys": [key.as_dict(private=False)]})

    keys = PublishedKeys("https://issuer/jwks", client=mocked(answer))
    verifier = TokenVerifier(
        issuer=ISSUER, audience=f"{ISSUER}/api", keys=keys, denied=DenySet.complete()
    )
    for _ in range(200):
        other = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})
        token = signed({"typ": "at+jwt", "kid": other.kid}, {"iss": ISSUER}, other)
        with pytest.raises(TokenRejected):
            await verifier.verify(token)
    assert len(asked) <= 2


def mocked(answer: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer))
