"""oidcc-config-certification-test-plan: what the provider says of itself is complete and true."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.identity.tests.browser import ISSUER, Browser

ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "revocation_endpoint",
    "jwks_uri",
)
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


async def test_oidcc_discovery_endpoint_verification(browser: Browser) -> None:
    """The suite also wants RS256 named for id tokens (Discovery 1.0, 3); ours are ES256 alone,
    by the ruling on tokens, and so every client here is told."""
    answer = await browser.get("/.well-known/openid-configuration")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    told = answer.json()
    assert told["issuer"] == ISSUER
    assert told["response_types_supported"] == ["code"]
    assert set(told["response_modes_supported"]) == {"query", "form_post"}
    assert {"authorization_code", "refresh_token"} <= set(told["grant_types_supported"])
    assert told["subject_types_supported"] == ["public"]
    assert told["id_token_signing_alg_values_supported"] == ["ES256"]
    assert {"openid", "profile", "email", "phone"} == set(told["scopes_supported"])
    assert {"sub", "name", "email", "phone_number", "auth_time"} <= set(told["claims_supported"])
    assert told["claims_parameter_supported"] is True
    assert told["request_parameter_supported"] is False
    assert told["request_uri_parameter_supported"] is False
    for name in ENDPOINTS:
        address = urlsplit(told[name])
        # https wherever it is not the machine itself: such an issuer does not start.
        assert address.scheme == "https" or address.hostname == "localhost", name
        assert told[name].startswith(f"{ISSUER}/")
    keys = (await browser.get(urlsplit(told["jwks_uri"]).path)).json()["keys"]
    assert keys
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert not PRIVATE & set(key)
        assert (key["kty"], key["use"], key["alg"]) == ("EC", "sig", "ES256")
