"""The remembered register: what it keeps, who may read it, and whose a file is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.planning.import_ppas import READER
from services.planning.known_organizations.model import (
    KnownOrganization,
    OrganizationNotActive,
    OrganizationNotKnown,
    OrganizationNotNamed,
    OrganizationOfOtherName,
    find_owner,
    plain_name,
)
from services.planning.known_organizations.queries import list_known_organizations
from services.planning.tests.factories import announced, apply


def known(**names: str) -> list[KnownOrganization]:
    return [KnownOrganization(code=code, name=name, is_active=True) for code, name in names.items()]


REGISTER = known(
    MOH="Ministry of Health",
    MFBM="Ministry of Finance, Budget and Management",
    MILG="Ministry of Interior and Local Government",
    MTI="Ministry of Trade, Investments and Tourism",
    MTIT="Ministry of Transportation and Information Technology",
    MPWH="Ministry of Public Works and Highways",
    BCHRC="Bangsamoro Commission on Human Rights",
    BIDA="Bangsamoro Investment and Development Authority",
)


@pytest.mark.parametrize(
    ("acronym", "name"),
    [
        ("MOH", "Ministry of Health"),
        ("moh", "MINISTRY OF HEALTH (MOH)"),
        ("MFBM", "Ministry of Finance, and Budget and Management"),
        ("MILG", "Ministry of the Interior & Local Government"),
    ],
)
def test_code_and_name_together_tell_whose_a_file_is(acronym: str, name: str) -> None:
    assert find_owner(acronym, name, REGISTER).code == acronym.upper()


@pytest.mark.parametrize(
    ("acronym", "name", "refusal", "hint"),
    [
        ("", "Ministry of Health", OrganizationNotNamed, "acronym"),
        ("MOH", "", OrganizationNotNamed, "moa"),
        ("MPW", "Ministry of Public Works", OrganizationNotKnown, "--as MPW=MPWH"),
        ("BHRC", "Bangsamoro Human Rights Commission", OrganizationNotKnown, "--as BHRC=BCHRC"),
        (
            "BPDA",
            "Bangsamoro Planning and Development Authority",
            OrganizationNotKnown,
            "no entry has a similar name",
        ),
        (
            "MTIT",
            "Ministry of Trade, Investments and Tourism",
            OrganizationOfOtherName,
            "--as MTIT=MTI",
        ),
    ],
)
def test_an_owner_is_hinted_at_and_never_guessed(
    acronym: str, name: str, refusal: type[Refusal], hint: str
) -> None:
    with pytest.raises(refusal, match=hint):
        find_owner(acronym, name, REGISTER)


def test_an_operator_may_choose_the_owner() -> None:
    chosen = {"MTIT": "MTI"}
    found = find_owner("mtit", "Ministry of Trade, Investments and Tourism", REGISTER, chosen)
    assert found.code == "MTI"
    with pytest.raises(OrganizationNotKnown, match="no code MOX, chosen for MTIT"):
        find_owner("MTIT", "Any", REGISTER, {"MTIT": "MOX"})


def test_a_suspended_organization_owns_no_file() -> None:
    suspended = KnownOrganization(code="MOH", name="Ministry of Health", is_active=False)
    with pytest.raises(OrganizationNotActive):
        find_owner("MOH", "Ministry of Health", [suspended])


def test_other_bodies_have_other_names() -> None:
    assert plain_name("Ministry of Health") != plain_name("Ministry of Wealth")
    assert plain_name("Ministry of Indigenous Peoples' Affairs") == plain_name(
        "ministry of indigenous peoples affairs"
    )


async def read(store: Database, actor: Actor) -> dict[str, str]:
    async with store.unit_of_work(actor) as uow:
        return {each.code: each.name for each in await list_known_organizations(uow.session)}


async def test_the_newest_announcement_wins_in_any_order(store: Database) -> None:
    first = announced("MOH", name="Ministry of Herbs")
    newest = announced("MOH", seq=3, version=3, name="Ministry of Health")
    late = announced("MOH", seq=2, version=2, name="Ministry of Hospitals")
    await apply(store, first, newest, late)
    await apply(store, newest)
    assert await read(store, READER) == {"MOH": "Ministry of Health"}


async def test_an_announcement_that_lacks_a_field_is_put_aside(store: Database) -> None:
    event = announced("MOH")
    await apply(store, replace(event, data={"code": "MOH"}))
    assert await read(store, READER) == {}


async def test_only_the_importer_reads_more_than_its_own_entry(
    store: Database, register: Callable[..., Awaitable[None]]
) -> None:
    await register(MOH="Ministry of Health", MOLE="Ministry of Labor and Employment")
    assert set(await read(store, READER)) == {"MOH", "MOLE"}
    assert set(await read(store, Actor.system(org_id_of("MOH")))) == {"MOH"}
    assert await read(store, Actor.system(uuid4())) == {}
