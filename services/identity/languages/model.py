"""The sentences of each language, and which one a browser wants."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from libs.refusals import Refusal

CATALOGUES = Path(__file__).parent.parent / "translations"
LANGUAGES = {"en": "English", "fil": "Filipino"}
MANILA = timezone(timedelta(hours=8), "PHT")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return every sentence of a language by its key."""
    read: dict[str, str] = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))
    return read


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence with its gaps filled; an unknown key is a fault of ours."""
    sentence = catalogue(language)[key]
    return sentence.format(**values) if values else sentence


def sentence_of(language: str, refusal: Refusal) -> str:
    """Return what a refusal says to a person, with the wait when it names one."""
    key = f"refusal.{refusal.code()}"
    if key not in catalogue(language):
        return refusal.title
    return say(language, key, seconds=getattr(refusal, "seconds", ""))


def language_of(*told: str | None) -> str:
    """Return the first language that we speak among a choice and an Accept-Language header."""
    return next((spoken for each in told if (spoken := find_language(each))), "en")


def find_language(told: str | None) -> str | None:
    """Return the first language that we speak among those named, by commas or blanks apart."""
    for wish in (told or "").lower().replace(" ", ",").split(","):
        word = wish.split(";")[0].split("-")[0]
        if word in ("fil", "tl"):
            return "fil"
        if word == "en":
            return "en"
    return None


def in_manila(at: datetime | None) -> str:
    """Return an instant as people in the Bangsamoro read it."""
    return at.astimezone(MANILA).strftime("%Y-%m-%d %H:%M") if at else ""
