"""Users and their passwords."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from fastapi import FastAPI

from libs.chassis.database import Database
from services.identity.tests.browser import Browser
from services.identity.tests.factories import OPERATOR, PASSWORD, a_user
from services.identity.users.model import (
    EmailTaken,
    PasswordTooLong,
    PasswordTooShort,
    hash_password,
    is_password,
)
from services.identity.users.queries import find_user_by_email
from services.identity.users.usecases import register_user, set_password


def test_passwords_are_hashed_as_ruled() -> None:
    ruled = extract_parameters(hash_password(PASSWORD))
    assert (ruled.type.name, ruled.memory_cost, ruled.time_cost, ruled.parallelism) == (
        "ID",
        46 * 1024,
        1,
        1,
    )


def test_a_password_has_15_characters_and_at_most_1024() -> None:
    with pytest.raises(PasswordTooShort):
        hash_password("x" * 14)
    with pytest.raises(PasswordTooLong):
        hash_password("x" * 1025)
    assert is_password("ñ" * 1024, hash_password("ñ" * 1024))


def test_a_longer_password_is_not_the_one_it_begins_with() -> None:
    assert not is_password("x" * 1025, hash_password("x" * 1024))


async def test_an_address_belongs_to_one_user_however_it_is_written(transactions: Database) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff")
    async with transactions.unit_of_work(OPERATOR) as uow:
        with pytest.raises(EmailTaken):
            await register_user(
                uow, email=" AMINA@moh.example ", full_name="Another", password=PASSWORD
            )


async def test_the_old_password_opens_nothing_after_a_change(
    identity: FastAPI, transactions: Database
) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff")
    async with transactions.unit_of_work(OPERATOR) as uow:
        user = await find_user_by_email(uow.session, "amina@moh.example")
        assert user is not None
        await set_password(uow, user, "another password of words")
    async with Browser(identity) as browser:
        assert (await browser.sign_in("amina@moh.example")).status_code == 401
        answer = await browser.sign_in("amina@moh.example", "another password of words")
    assert answer.status_code == 303


async def test_a_weaker_hash_is_replaced_when_its_owner_signs_in(
    identity: FastAPI, transactions: Database
) -> None:
    user = await a_user(transactions, "amina@moh.example", MOH="staff")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with transactions.unit_of_work(OPERATOR) as uow:
        (await uow.session.merge(user)).password_hash = weak
    async with Browser(identity) as browser:
        assert (await browser.sign_in("amina@moh.example")).status_code == 303
    async with transactions.unit_of_work(OPERATOR) as uow:
        stored = await find_user_by_email(uow.session, "amina@moh.example")
        assert stored is not None
        assert extract_parameters(stored.password_hash).memory_cost == 46 * 1024
