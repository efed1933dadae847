"""What pages say: the same in both languages, and every key in its place."""

from __future__ import annotations

import html
import re
from pathlib import Path
from string import Formatter

import pytest

from libs.refusals import Refusal
from services.identity.languages.model import catalogue, language_of, say, sentence_of
from services.identity.pages.schemas import FOLDER
from services.identity.sign_in_attempts.model import TooManyAttempts
from services.identity.tests.browser import Browser

IDENTITY = Path(FOLDER).parent
KINDS = ("sessions", "consents")
OUTCOMES = (
    *("device.allowed", "device.denied"),
    *("registration.registered", "registration.endorsed", "registration.approved"),
    *("registration.rejected", "registration.expired"),
)
"""Pages that are told by how something ended, which a file does not spell as one word."""
SAME_IN_BOTH = {
    "account.email",
    "sign_in.password",
    "methods.password",
    "enrolment.passkey",
    "enrolment.app",
    "methods.app",
    "second.spare",
    "consents.current",
}
"""Words that Filipino took over as they are."""


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    english, filipino = catalogue("en"), catalogue("fil")
    assert list(english) == list(filipino)
    assert {key for key in english if gaps(english[key]) != gaps(filipino[key])} == set()
    assert {key for key in english if english[key] == filipino[key]} == SAME_IN_BOTH
    assert all(filipino[key] or not english[key] for key in english)


def test_every_key_that_is_asked_for_is_there_and_none_is_left_over() -> None:
    asked = set()
    for path in FOLDER.glob("*.html"):
        text = path.read_text("utf-8")
        asked |= set(re.findall(r"""t\(["']([a-z_.]+)["']""", text))
        asked |= set(re.findall(r'"(nav\.[a-z]+)"', text))
        ends = re.findall(r't\(kind ~ "(\.[a-z_]+)"', text)
        asked |= {f"{kind}{end}" for kind in KINDS for end in ends}
    for path in IDENTITY.glob("**/*.py"):
        if "tests" not in path.parts:
            text = path.read_text("utf-8")
            asked |= set(re.findall(r'\.say\(\s*"([a-z_.]+)"', text))
            asked |= set(re.findall(r'"(password\.[a-z]+\.[a-z]+)"', text))
            told = re.findall(r'\.tell\(\s*"([a-z_.]+)", [^)]*?(link|status)', text, re.DOTALL)
            asked |= {f"{key}.{end}" for key, _ in told for end in ("title", "text")}
            links = re.findall(r'\.tell\(\s*"([a-z_.]+)"[^)]*?link=', text, re.DOTALL)
            asked |= {f"{key}.link" for key in links}
    asked |= {f"{key}.{end}" for key in OUTCOMES for end in ("title", "text")}
    kept = {key for key in catalogue("en") if not key.startswith(("refusal.", *BY_CODE))}
    assert asked - set(catalogue("en")) == set()
    assert kept - asked == set()


BY_CODE = ("form_unreadable.", "form_not_ours.", "no_organization.", "not_this_organization.")
"""Told by the name of the refusal."""


def test_every_refusal_that_has_words_exists() -> None:
    def kinds(kind: type[Refusal]) -> set[type[Refusal]]:
        return {kind}.union(*(kinds(each) for each in kind.__subclasses__()))

    codes = {f"refusal.{kind.code()}" for kind in kinds(Refusal)}
    assert {key for key in catalogue("en") if key.startswith("refusal.")} - codes == set()


@pytest.mark.parametrize(
    ("told", "language"),
    [
        (("fil", None), "fil"),
        ((None, None, "fil-PH,fil;q=0.9,en;q=0.8"), "fil"),
        ((None, None, "tl"), "fil"),
        ((None, None, "de-DE,de;q=0.9"), "en"),
        ((None, None, "de, en-GB;q=0.5, fil;q=0.4"), "en"),
        (("xx", "fil"), "fil"),
        ((None, None, None), "en"),
    ],
)
def test_a_browser_gets_the_first_language_that_we_speak(
    told: tuple[str | None, ...], language: str
) -> None:
    assert language_of(*told) == language


def test_a_refusal_without_words_says_its_title() -> None:
    class NoSuchThing(Refusal):
        title = "Nothing of the kind."

    assert sentence_of("fil", NoSuchThing()) == "Nothing of the kind."


def test_a_wait_is_named_in_both_languages() -> None:
    from datetime import timedelta

    wait = TooManyAttempts(timedelta(seconds=8))
    assert "8 seconds" in sentence_of("en", wait)
    assert "8 segundo" in sentence_of("fil", wait)
    with pytest.raises(KeyError):
        say("en", "no.such.key")


async def test_what_cannot_be_answered_says_why_in_the_persons_language(browser: Browser) -> None:
    wish = {"Accept-Language": "fil"}
    for address, status, heard in (
        ("/account/nowhere/at-all", 404, "nowhere.title"),
        ("/oauth2/authorize?client_id=nobody", 400, "request.ask"),
        ("/oauth2/authorize?client_id=bmms-cli&resume=long-gone", 400, "request.over"),
        (
            "/oauth2/logout?post_logout_redirect_uri=https://evil.example/&client_id=bmms-cli",
            400,
            "request.ask",
        ),
    ):
        answer = await browser.get(address, headers=wish)
        assert (answer.status_code, address) == (status, address)
        assert '<html lang="fil">' in answer.text
        assert catalogue("fil")[heard] in html.unescape(answer.text), address
