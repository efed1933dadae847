"""What a check is, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from deploy.cli.people import Gateway
from deploy.local.passwords import Passwords
from deploy.local.settings import LocalSettings

Verdict = Literal["pass", "warn", "fail", "skip"]
MOST_FAULTS = 5

Finding = tuple[Verdict, str]


@dataclass(frozen=True)
class Subject:
    """The installation under examination."""

    settings: LocalSettings
    passwords: Passwords
    gateway: Gateway


@dataclass(frozen=True)
class Check:
    """One question about the installation; the ids are those of the deployment checklist."""

    id: str
    title: str
    look: Callable[[Subject], Finding]


@dataclass(frozen=True)
class Outcome:
    """The answer, with what it rests on."""

    id: str
    title: str
    verdict: Verdict
    evidence: str
    seconds: float


def judge(faults: list[str], whole: str) -> Finding:
    """Pass with what was found whole, or fail with the first faults."""
    if not faults:
        return "pass", whole
    more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
    return "fail", "; ".join(faults[:MOST_FAULTS]) + more
