"""Checks of who sees what: the register, isolation between organizations, oversight, redirects."""

from __future__ import annotations

import time
from uuid import uuid4

import httpx

from deploy.cli.checking import Check, Finding, Subject, judge
from deploy.cli.organizations import register
from deploy.cli.pilot_programs import PILOTS

REGISTERED = 45
COLLECTIONS = (
    "planning/strategic-plans",
    "budgeting/proposals",
    "mana/assessments",
    "coordination/inter-moa-partnerships",
)
OVERSIGHT = ("overview", "planning", "budget", "needs", "coordination")
SAMPLES = 20
SLOWEST_MILLISECONDS = 300


def organizations(subject: Subject) -> Finding:
    """Count the register and look for those that everything else relies on."""
    mode = subject.settings.mode
    found = {each["code"]: each for each in register(subject.gateway)}
    faults = [] if len(found) == REGISTERED else [f"{len(found)} organizations, not {REGISTERED}"]
    needed = {mode.default_organization, mode.ocm_organization}
    faults += [f"{code} is missing" for code in sorted(needed - set(found))]
    pilots = {code for code, each in found.items() if each["is_pilot"]}
    if pilots != set(PILOTS):
        faults.append(f"pilots are {', '.join(sorted(pilots)) or 'none'}")
    return judge(faults, f"{len(found)} organizations, pilots {', '.join(sorted(pilots))}")


def isolation(subject: Subject) -> Finding:
    """Try, as MOLE, to see what is MOH's: by MOH's path, and by MOH's ids under MOLE's own."""
    if subject.settings.mode.mode == "obcms":
        return "skip", "one organization only in this mode"
    anyone = subject.gateway.anyone
    owner = subject.gateway.person("manager", "MOH")
    stranger = subject.gateway.person("manager", "MOLE")
    faults: list[str] = []
    rows = 0
    for collection in COLLECTIONS:
        own, foreign = (f"/api/v1/moa/{code}/{collection}" for code in ("MOLE", "MOH"))
        _expect(faults, anyone.get(foreign), 401)
        _expect(faults, stranger.get(foreign), 403)
        _expect(faults, stranger.get(own), 200)
        unknown = stranger.get(f"{own}/{uuid4()}")
        _expect(faults, unknown, 404)
        for row in _items(owner.get(foreign)):
            # A partnership may be shared on purpose; every other row of MOH must not exist here.
            if "partnerships" in collection:
                continue
            rows += 1
            _expect(faults, stranger.get(f"{own}/{row['id']}"), 404)
    return judge(faults, f"{len(COLLECTIONS)} collections closed, {rows} rows of MOH not there")


def oversight(subject: Subject) -> Finding:
    """Read every oversight address as OCM's analyst, and try to write to each."""
    analyst = subject.gateway.person("analyst")
    faults: list[str] = []
    for view in OVERSIGHT:
        address = f"/api/v1/ocm/{view}"
        _expect(faults, analyst.get(address, params={"fiscal_year": "2026"}), 200)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            _expect(faults, analyst.request(method, address, json={}), 405)
    return judge(faults, f"{len(OVERSIGHT)} views can be read, none can be written")


def speed(subject: Subject) -> Finding:
    """Take the 95th percentile of a list through the gateway."""
    code = "OOBC" if subject.settings.mode.mode == "obcms" else "MOH"
    staff = subject.gateway.person("staff", code)
    address = f"/api/v1/moa/{code}/planning/strategic-plans"
    taken = []
    for _ in range(SAMPLES):
        began = time.perf_counter()
        staff.get(address).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    worst = sorted(taken)[int(SAMPLES * 0.95) - 1]
    evidence = f"p95 of {SAMPLES} lists {worst:.0f} ms"
    return ("warn" if worst > SLOWEST_MILLISECONDS else "pass"), evidence


def redirects(subject: Subject) -> Finding:
    """Follow an old address of a page."""
    answer = subject.gateway.anyone.get("/planning/plans?year=2026")
    if subject.settings.mode.mode == "obcms":
        return "skip", "old addresses are served as they are in this mode"
    default = subject.settings.mode.default_organization
    told = (answer.status_code, answer.headers.get("location"))
    wanted = (301, f"/moa/{default}/planning/plans?year=2026")
    return judge([] if told == wanted else [f"{told}, not {wanted}"], f"{told[0]} to {told[1]}")


def _expect(faults: list[str], answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        request = answer.request
        faults.append(f"{request.method} {request.url.path}: {answer.status_code}, not {status}")


def _items(answer: httpx.Response) -> list[dict[str, str]]:
    items: list[dict[str, str]] = answer.raise_for_status().json()["items"]
    return items


CHECKS = (
    Check("V04", "the register is whole", organizations),
    Check("V06", "organizations are separate", isolation),
    Check("V08", "oversight reads and cannot write", oversight),
    Check("V15", "lists are fast", speed),
    Check("V16", "old addresses lead on", redirects),
)
