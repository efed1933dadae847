"""What the provider says of itself is true, and says everything."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.identity.clients.model import AuthMethod
from services.identity.clients.schemas import GrantType
from services.identity.tests.browser import ISSUER
from services.identity.tests.houses import House, a_house

house = pytest.fixture(a_house, scope="module")


async def told(house: House, name: str = "openid-configuration") -> dict[str, Any]:
    async with house.browser() as browser:
        answer: dict[str, Any] = (await browser.get(f"/.well-known/{name}")).json()
    return answer


async def test_both_descriptions_are_the_same(house: House) -> None:
    assert await told(house) == await told(house, "oauth-authorization-server")


async def test_every_endpoint_that_is_told_is_there_and_the_other_way_round(house: House) -> None:
    metadata = await told(house)
    named = {
        value.removeprefix(ISSUER)
        for name, value in metadata.items()
        if name.endswith(("_endpoint", "_uri"))
    }
    program = await house.program(bound=False)
    for path in named:
        posted = await program.post(path)
        async with program.alone() as connection:
            got = await connection.get(path)
        assert {posted.status_code, got.status_code} != {404}, path
        assert 404 not in (posted.status_code, got.status_code), path
    for path in ("token", "revoke", "introspect", "par", "device_authorization", "authorize"):
        assert f"/oauth2/{path}" in named
    for path in ("jwks", "userinfo", "logout"):
        assert f"/oauth2/{path}" in named


async def test_every_grant_and_every_method_that_is_told_works_and_no_other(house: House) -> None:
    metadata = await told(house)
    assert set(metadata["grant_types_supported"]) == set(get_args(GrantType))
    methods = [method.value for method in AuthMethod]
    assert metadata["token_endpoint_auth_methods_supported"] == methods
    assert metadata["introspection_endpoint_auth_methods_supported"] == methods[1:]
    program = await house.program(bound=False)
    for grant in (*metadata["grant_types_supported"], "password", "implicit"):
        error = (await program.post("/oauth2/token", grant_type=grant)).json()["error"]
        is_known = grant in metadata["grant_types_supported"]
        assert (error != "unsupported_grant_type") is is_known, grant
