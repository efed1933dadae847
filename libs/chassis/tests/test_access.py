"""Who may come in: token, organization in the path, module, permission, in that order."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from fastapi import Depends, FastAPI

from libs.chassis.access import permissions_of, requires
from libs.chassis.testing import AUDIENCE, ISSUER, Issuer, Person, claims_of
from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenVerifier
from libs.tests.lending_http import BOOKS

MOH = BOOKS.format("MOH")


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_without_a_token_nobody_comes_in(person: Callable[..., Person]) -> None:
    nobody = person()
    del nobody.headers["Authorization"]
    answer = await nobody.get(MOH)
    assert code(answer) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Basic c3RhZmY6c3RhZmY=", "Bearer a b"])
async def test_another_scheme_is_no_token(person: Callable[..., Person], header: str) -> None:
    answer = await person().get(MOH, headers={"Authorization": header})
    assert code(answer) == (401, "not_signed_in")


async def test_a_bad_token_is_told_why(person: Callable[..., Person], issuer: Issuer) -> None:
    expired = issuer.token(claims_of("MOH", exp=1))
    answer = await person().get(MOH, headers={"Authorization": f"Bearer {expired}"})
    assert code(answer) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["detail"] == "The access token was rejected: expired."
    assert expired not in answer.text


async def test_a_token_that_cannot_be_judged_is_not_called_bad(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    app.state.verifier = TokenVerifier(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=PublishedKeys("http://127.0.0.1:1/jwks"),
        denied=DenySet.complete(),
    )
    answer = await person().get(MOH)
    assert code(answer) == (503, "out_of_reach")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("org", ["MOLE", "NOSUCH", "moh", "MOH%20", "%2e%2e"])
async def test_another_organization_known_or_not_is_refused_alike(
    person: Callable[..., Person], org: str
) -> None:
    assert code(await person("MOH").get(BOOKS.format(org))) == (403, "other_organization")


async def test_a_module_that_is_off_is_closed(person: Callable[..., Person]) -> None:
    client = person("MOH", modules=["mana"])
    assert code(await client.get(MOH)) == (403, "module_disabled")
    assert code(await client.get(BOOKS.format("MOLE"))) == (403, "other_organization")


async def test_a_permission_that_is_missing_is_named(person: Callable[..., Person]) -> None:
    viewer = person("MOH", permissions=["*.*.read"])
    assert (await viewer.get(MOH)).status_code == 200
    answer = await viewer.post(MOH, json={"title": "One"})
    assert code(answer) == (403, "not_permitted")
    assert "lending.book.create" in answer.json()["detail"]


async def test_rights_come_before_existence(person: Callable[..., Person]) -> None:
    viewer = person("MOH", permissions=["*.*.read"])
    answer = await viewer.post(f"{MOH}/{uuid4()}/lend")
    assert code(answer) == (403, "not_permitted")


async def test_a_row_of_another_organization_is_like_one_that_is_not(
    person: Callable[..., Person],
) -> None:
    book = (await person("MOH").post(MOH, json={"title": "One"})).json()
    mole = person("MOLE")
    foreign = await mole.get(f"{BOOKS.format('MOLE')}/{book['id']}")
    unknown = await mole.get(f"{BOOKS.format('MOLE')}/{uuid4()}")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}


def test_required_permissions_can_be_read_off_a_route() -> None:
    async def other() -> None: ...

    assert permissions_of([requires("a.b.c"), Depends(other), Depends()]) == ["a.b.c"]


async def test_an_address_without_an_organization_asks_for_a_token_alone(
    person: Callable[..., Person],
) -> None:
    answer = await person("MOH", modules=[]).get("/api/v1/lending/whoami")
    assert answer.json() == {"org_code": "MOH"}
