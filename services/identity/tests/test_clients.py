"""Clients: who may register one, what may be said of it, and the secret that is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from libs.chassis.database import Database
from libs.chassis.testing import Issuer, Person, org_id_of
from libs.tenancy.actor import Actor
from services.identity.clients.model import ALL_GRANT_TYPES, SCOPES
from services.identity.clients.schemas import GrantType, Scope
from services.identity.role_catalogue.model import GRANTS, ROLES
from services.identity.tests.browser import Browser
from services.identity.tests.factories import OPERATOR, a_user
from services.identity.tests.relying_party import Registered, RelyingParty

URL = "/api/v1/identity/clients"
EMAIL = "amina@moh.example"


def a_wish(**changes: Any) -> dict[str, Any]:
    return {
        "client_id": "moh-portal",
        "name": "Portal of the ministry",
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": ["https://rp.example/callback"],
        "scopes": ["openid", "email"],
        "is_first_party": True,
        **changes,
    }


@pytest.fixture
async def platform(identity: FastAPI, issuer: Issuer) -> AsyncIterator[Person]:
    """Give whoever runs the platform."""
    identity.state.verifier = issuer.verifier()
    async with Person(identity, issuer, "MOH", permissions=["identity.*.*"]) as person:
        yield person


async def test_a_registered_client_completes_a_flow_until_it_is_disabled(
    platform: Person, identity: FastAPI
) -> None:
    told = await platform.post(URL, json=a_wish())
    assert told.status_code == 201, told.text
    client = Registered("moh-portal", told.json()["secret"], "client_secret_basic")
    await a_user(identity.state.database, EMAIL, MOH="staff")
    async with Browser(identity) as browser:
        await browser.sign_in(EMAIL)
        given = await RelyingParty(browser, client).tokens(scope="openid email phone")
        assert given["scope"] == "openid email"
        disabled = await platform.post(f"{URL}/moh-portal/disable")
        assert disabled.json()["is_active"] is False
        assert (await RelyingParty(browser, client).authorize()).status_code == 400
        fields = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
        refused = await RelyingParty(browser, client).token(fields)
        assert refused.json()["error"] == "invalid_client"
        assert (await platform.post(f"{URL}/moh-portal/disable")).status_code == 409
        assert (await platform.post(f"{URL}/moh-portal/enable")).json()["is_active"] is True
        assert "code" in RelyingParty(browser, client).came_back(
            await RelyingParty(browser, client).authorize()
        )


async def test_a_secret_is_told_once_stored_as_a_digest_and_can_be_replaced(
    platform: Person, identity: FastAPI
) -> None:
    headers = {"Idempotency-Key": "register-the-portal"}
    first = (await platform.post(URL, json=a_wish(), headers=headers)).json()["secret"]
    assert "secret" not in (await platform.get(f"{URL}/moh-portal")).json()
    second = (await platform.post(f"{URL}/moh-portal/rotate-secret")).json()["secret"]
    assert len(first) >= 40
    assert first != second
    database: Database = identity.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        for table in ("clients", "audit_events", "idempotency_keys"):
            stored = str((await uow.session.execute(text(f"SELECT * FROM identity.{table}"))).all())
            assert first not in stored
            assert second not in stored
    async with Browser(identity) as browser:
        for secret, error in ((first, "invalid_client"), (second, "invalid_grant")):
            rp = RelyingParty(browser, Registered("moh-portal", secret, "client_secret_basic"))
            assert (await rp.exchange("invented")).json()["error"] == error


async def test_an_address_is_changed_with_its_etag_and_the_trail_says_so(
    platform: Person, identity: FastAPI
) -> None:
    created = (await platform.post(URL, json=a_wish())).json()
    change = {"redirect_uris": ["https://rp.example/elsewhere"]}
    assert (await platform.patch(f"{URL}/moh-portal", json=change)).status_code == 428
    match = {"If-Match": f'"{created["version"]}"'}
    changed = await platform.patch(f"{URL}/moh-portal", json=change, headers=match)
    assert changed.json()["redirect_uris"] == change["redirect_uris"]
    again = await platform.patch(f"{URL}/moh-portal", json=change, headers=match)
    assert again.status_code == 412
    async with identity.state.database.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        asked = text("SELECT action FROM identity.audit_events WHERE entity = 'client'")
        told = list(await uow.session.scalars(asked))
    assert sorted(told) == ["client.changed", "client.created"]


IMPOSSIBLE = [
    {"redirect_uris": ["http://rp.example/callback"]},
    {"redirect_uris": ["https://rp.example/*"]},
    {"redirect_uris": ["https://rp.example/callback#part"]},
    {"redirect_uris": ["https://user@rp.example/callback"]},
    {"redirect_uris": ["javascript:alert(1)"]},
    {"redirect_uris": ["data:text/html,hello"]},
    {"redirect_uris": ["/callback"]},
    {"redirect_uris": ["https:///callback"]},
    {"redirect_uris": ["https://rp.example/a callback"]},
    {"redirect_uris": []},
    {"backchannel_logout_uri": "http://rp.example/logout"},
    {"backchannel_logout_uri": "ph.example.app:/logout"},
    {"token_endpoint_auth_method": "private_key_jwt"},
    {"token_endpoint_auth_method": "client_secret_jwt"},
    {"grant_types": ["password"]},
    {"grant_types": ["implicit"]},
    {"grant_types": ["client_credentials"]},
    {"permissions": ["planning.*.read"]},
    {"scopes": ["everything"]},
    {"client_id": "Not A Name"},
    {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]}},
]


async def test_a_client_that_would_be_unsafe_is_refused(platform: Person) -> None:
    for changes in IMPOSSIBLE:
        refused = await platform.post(URL, json=a_wish(**changes))
        assert refused.status_code == 422, (changes, refused.text)
    taken = await platform.post(URL, json=a_wish(client_id="bmms-cli"))
    assert taken.status_code == 409


@pytest.mark.parametrize(
    "address",
    [
        "https://rp.example/callback?fixed=1",
        "http://127.0.0.1:8001/callback",
        "http://localhost/callback",
        "ph.example.app:/callback",
    ],
)
async def test_web_loopback_and_application_addresses_are_taken(
    platform: Person, address: str
) -> None:
    told = await platform.post(URL, json=a_wish(redirect_uris=[address]))
    assert told.status_code == 201, told.text


async def test_a_change_may_not_leave_a_contradiction(platform: Person) -> None:
    created = (await platform.post(URL, json=a_wish())).json()
    match = {"If-Match": f'"{created["version"]}"'}
    refused = await platform.patch(f"{URL}/moh-portal", json={"redirect_uris": []}, headers=match)
    assert refused.status_code == 422
    assert refused.json()["code"] == "client_contradictory"


async def test_only_who_runs_the_platform_sees_or_registers_clients(
    identity: FastAPI, issuer: Issuer
) -> None:
    identity.state.verifier = issuer.verifier()
    for role, patterns in {**ROLES, **GRANTS}.items():
        async with Person(identity, issuer, "MOH", permissions=patterns) as person:
            may = role == "platform_administrator"
            assert (await person.get(URL)).status_code == (200 if may else 403), role
            created = await person.post(URL, json=a_wish())
            assert created.status_code == (201 if may else 403), role


async def test_what_may_be_registered_is_what_the_provider_knows() -> None:
    assert get_args(Scope) == SCOPES
    assert set(get_args(GrantType)) == set(ALL_GRANT_TYPES)
