"""Made-up programs of the pilots, entered through planning as an organization's own staff would."""

from __future__ import annotations

import argparse

import httpx

from deploy.cli.people import Gateway
from deploy.local.trouble import CannotStart

PILOTS = ("MAFAR", "MOH", "MOLE")
TITLES = ("Community outreach", "Training of field staff", "Repair of facilities", "Data and tools")


def take_options(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return how many programs of which year and whom, and the words that remain for identity."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--programs", type=int, default=3)
    parser.add_argument("--year", type=int)
    parser.add_argument("--moa")
    asked, others = parser.parse_known_args(words)
    return asked, [*others, *(("--moa", asked.moa) if asked.moa else ())]


def make_programs(gateway: Gateway, code: str, count: int, year: int) -> int:
    """Enter programs of an organization for a year; returns how many are new."""
    staff, new = gateway.person("staff", code), 0
    for nth in range(1, count + 1):
        made_up = {
            "code": f"PILOT-{year}-{nth:03}",
            "title": f"{TITLES[(nth - 1) % len(TITLES)]} (made up)",
            "description": "Made up for trying the system; it stands for nothing real.",
            "fiscal_year": year,
        }
        answer = staff.post(f"/api/v1/moa/{code}/planning/ppas", json=made_up)
        if answer.status_code == httpx.codes.CREATED:
            new += 1
        elif answer.status_code != httpx.codes.CONFLICT:
            raise CannotStart(f"planning refused a program of {code}: {answer.text[:300]}")
    return new
