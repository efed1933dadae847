"""What a password may be, and what is told of browsers and codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pytest

from libs.chassis.database import Database
from services.identity.credentials.model import (
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    check_password,
    code_digest,
    common_words,
    new_recovery_code,
    new_totp_secret,
)
from services.identity.devices.model import label_of
from services.identity.tests.browser import Browser
from services.identity.tests.factories import a_user, letters_of


@dataclass
class Owner:
    email: str = "amina.macapagal@moh.example"
    full_name: str = "Amina Macapagal"
    username: str | None = None


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "P@ssw0rd12345678",
        "qwertyuiop12345",
        "123456789012345",
        "9876543210987654",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "1qaz2wsx3edc4rfv",
        "Bangsamoro2026!!!",
        "MinistryOfHealth2026",
        "correct horse battery staple",
        "Mahal na mahal kita",
        "Bismillahirrahmanirrahim",
        "lupang hinirang 1",
        "amina.macapagal.2026",
        "Macapagal@Cotabato1",
    ],
)
def test_a_password_that_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooCommon):
        check_password(password, user=Owner())


@pytest.mark.parametrize(
    "password",
    [
        "purple carabao dances slowly",
        "eleven lanterns over Lake Lanao",
        "Tulay, kawayan at sampung bituin",
        "x7Kq9!mZp2Lw8Rt",
        "a password of many words",
    ],
)
def test_a_password_of_words_that_do_not_belong_together_is_taken(password: str) -> None:
    check_password(password, user=Owner())


def test_no_random_password_is_refused() -> None:
    for _ in range(50):
        check_password(secrets.token_urlsafe(24), user=Owner())


def test_length_is_asked_for_and_nothing_else() -> None:
    with pytest.raises(PasswordTooShort):
        check_password("x7Kq9!mZp2Lw8R", user=Owner())
    with pytest.raises(PasswordTooLong):
        check_password("k" * 1025, user=Owner())
    check_password(secrets.token_urlsafe(700), user=Owner())


def test_the_shipped_list_is_letters_alone_and_large() -> None:
    words = common_words()
    assert len(words) > 10_000
    assert all(word.isalpha() and word == word.lower() for word in words)


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    code = new_recovery_code()
    assert code_digest(code) == code_digest(f" {code.upper().replace('-', ' ')} ")
    assert len({new_recovery_code() for _ in range(50)}) == 50
    assert len(new_totp_secret()) == 32


@pytest.mark.parametrize(
    ("told", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) Version/18 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_has_a_name_that_a_person_knows(told: str, label: str) -> None:
    assert label_of(told) == label


async def test_a_browser_not_seen_before_is_announced_once_by_letter(
    browser: Browser, transactions: Database
) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff")
    await browser.sign_in("amina@moh.example")
    assert await letters_of(transactions) == []
    async with Browser(browser.app) as other:
        other.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
        await other.sign_in("amina@moh.example")
        await other.sign_in("amina@moh.example")
    letters = await letters_of(transactions)
    assert [(to, words["device"]) for to, words in letters] == [
        ("amina@moh.example", "Firefox, Windows")
    ]
