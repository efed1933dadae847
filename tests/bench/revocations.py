"""How long planning still listens to a person who was removed from an organization."""

from __future__ import annotations

import statistics
import time

from tests.bench.section import Section
from tests.e2e.system import System, Visitor
from tests.e2e.test_revocation import PLANS, removed

TRIES = 100
BY_ONE_TOKEN = 20
"""So many removals fit into the life of the administrator's token."""

MOST_SECONDS = 5.0
GIVEN_UP_SECONDS = 30.0
LOOK_SECONDS = 0.02


def measure(system: System, tries: int = TRIES) -> Section:
    """Remove a person from MOH and bring them back, again and again."""
    section = Section("Revocation", ["removals", "p50 s", "p99 s", "longest s"])
    took = removals(system, tries)
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    section.row(len(took), f"{cuts[49]:.2f}", f"{cuts[98]:.2f}", f"{max(took):.2f}")
    section.goal(
        f"who is removed is refused by planning within {MOST_SECONDS:.0f} s, {tries} times",
        met=max(took) <= MOST_SECONDS,
        measured=f"{max(took):.2f} s at the longest",
    )
    section.close()
    return section


def removals(system: System, tries: int) -> list[float]:
    """Return how many seconds each removal took to be heard of."""
    took: list[float] = []
    for number in range(tries):
        if number % BY_ONE_TOKEN == 0:
            admin = system.person("admin", "MOH")
        took.append(_removal(system, admin))
    return took


def _removal(system: System, admin: Visitor) -> float:
    """Remove MOH's viewer, return how long planning still listened, and bring the viewer back."""
    viewer = system.person("viewer", "MOH", afresh=True)
    seen = viewer.get(viewer.at(PLANS))
    assert seen.status_code == 200, seen.text
    with removed(system, admin):
        began = time.monotonic()
        while viewer.get(viewer.at(PLANS)).status_code != 401:
            if time.monotonic() - began > GIVEN_UP_SECONDS:
                break
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began
