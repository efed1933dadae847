"""Checks of what the databases hold: whose rows, what waits, what a demonstration left behind.

They count over all organizations, which no service's own login can: the superuser's is used.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from deploy.cli.checking import Check, Finding, Subject, judge
from deploy.local.programs import cluster
from deploy.local.provision import SERVICES
from deploy.local.settings import ROOT

PLATFORM = UUID(int=0)
"""For whom the system itself acts, where it acts for no organization."""

OLDEST_HEARTBEAT_SECONDS = 60
LONGEST_WAIT_MINUTES = 5
GROWTH_DAYS = 30
LARGEST_LOG = 10_000_000
"""Events in one log from which on it is to be partitioned (ADR 0021)."""

Urls = Mapping[str, str]
"""The superuser's address of each service's database."""


async def coverage(urls: Urls) -> Finding:
    """Count the rows of every table of organizations whose organization the register has."""
    register = set(await _column(urls["identity"], "SELECT id FROM identity.organizations"))
    faults, tables, rows, empty = [], 0, 0, 0
    for service, url in urls.items():
        for name, may_be_null, counted in await _owners(service, url):
            stray = sum(many for owner, many in counted if owner not in register | {PLATFORM})
            tables, rows = tables + 1, rows + sum(many for _, many in counted)
            empty += not counted
            if stray:
                faults.append(f"{stray} rows of {service}.{name} are no registered organization's")
            if may_be_null:
                faults.append(f"{service}.{name} takes rows without an organization")
        faults += await _column(url, _UNPROVED, service)
    return judge(faults, f"100 % of {rows} rows in {tables} tables, {empty} of them empty")


async def _owners(service: str, url: str) -> list[tuple[str, bool, list[tuple[UUID, int]]]]:
    """Return each table with a column of organizations, and how many rows each of them has."""
    connection = await asyncpg.connect(url)
    try:
        found = []
        for table in await connection.fetch(_OWNED, service):
            name, column = table["relname"], table["attname"]
            counted = await connection.fetch(
                f'SELECT "{column}", count(*) FROM {service}."{name}" GROUP BY 1'
            )
            found.append((name, not table["attnotnull"], [(row[0], row[1]) for row in counted]))
        return found
    finally:
        await connection.close()


async def work_waiting(urls: Urls) -> Finding:
    """Look for consumers that confirm nothing, events put aside, letters that do not leave."""
    faults, beats = [], []
    for service, url in urls.items():
        parked = (await _column(url, f"SELECT count(*) FROM {service}.parked_events"))[0]
        if parked:
            faults.append(f"{parked} events are parked at {service}")
        if not list((ROOT / "services" / service).glob("*/subscribers.py")):
            continue
        ages = await _rows(url, _HEARTBEATS.format(service=service))
        beats += [age for _, age in ages if age is not None]
        faults += [
            f"{service} last confirmed {source} {'never' if age is None else f'{age:.0f} s ago'}"
            for source, age in ages
            if age is None or age > OLDEST_HEARTBEAT_SECONDS
        ]
        if not ages:
            faults.append(f"{service} has confirmed no source yet")
    letters, oldest = (await _rows(urls["identity"], _LETTERS))[0]
    if oldest and oldest > LONGEST_WAIT_MINUTES * 60:
        faults.append(f"{letters} letters are due, the oldest for {oldest / 60:.0f} minutes")
    slowest = f"the oldest heartbeat {max(beats, default=0):.1f} s"
    return judge(faults, f"{slowest}, no event parked, {letters} letters due; there is no cache")


def heard(subject: Subject) -> list[str]:
    """Name the applications that identity's heartbeat does not reach; its own asks the database."""
    faults = []
    for service in SERVICES[1:]:
        told = subject.gateway.anyone.get(f"/api/v1/{service}/health/ready")
        feed = told.json().get("revocations") if told.status_code == httpx.codes.OK else None
        if feed is None or feed["is_silent"] or feed["age_seconds"] > OLDEST_HEARTBEAT_SECONDS:
            faults.append(f"{service} does not hear what is revoked: {feed or told.status_code}")
    return faults


async def logs_sent(urls: Urls) -> Finding:
    """Tell how large each log is, how fast it grows, and whether anything waits to be sent."""
    faults, told, large = [], [], []
    for service, url in urls.items():
        log = (await _rows(url, _LOG.format(service=service, days=GROWTH_DAYS, unsent=_UNSENT)))[0]
        rows, size, grown, unsent, oldest = log
        told.append(f"{service} {rows} events, {size >> 10} KiB, {grown} in {GROWTH_DAYS} days")
        large += [f"the log of {service}"] * (rows > LARGEST_LOG)
        if oldest and oldest > LONGEST_WAIT_MINUTES * 60:
            faults.append(f"{unsent} events of {service} wait, the oldest {oldest / 60:.0f} min")
    verdict, evidence = judge(faults, f"nothing waits; {'; '.join(told)}")
    if verdict == "pass" and large:
        return "warn", f"{' and '.join(large)} should be partitioned (ADR 0021); {evidence}"
    return verdict, evidence


async def switches(urls: Urls, *, is_production: bool) -> Finding:
    """Compare the modules with the history of their switches, and look for demo accounts."""
    identity = urls["identity"]
    faults = [
        f"{code} has {module} {'on' if is_on else 'off'}, its history says otherwise"
        for code, module, is_on in await _rows(identity, _MODULES)
    ]
    accounts = (await _column(identity, _DEMO_ACCOUNTS))[0]
    if is_production and accounts:
        faults.append(f"{accounts} demo accounts can sign in to production: close them")
    demo = f"{accounts} demo accounts{'' if accounts == 0 else ', which are for trying it out'}"
    return judge(faults, f"modules are as switched, {demo}; there are no feature flags")


def urls_of(subject: Subject) -> Urls:
    """Return the superuser's addresses in a running embedded stack."""
    server = cluster(subject.settings, subject.passwords)
    return {service: server.admin_url(f"bmms_{service}") for service in SERVICES}


async def _rows(url: str, statement: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement, *values)
        return found
    finally:
        await connection.close()


async def _column(url: str, statement: str, *values: object) -> list[Any]:
    return [row[0] for row in await _rows(url, statement, *values)]


_OWNED = """
SELECT relname, attname, attnotnull FROM pg_class
JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'org_id'
WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity
ORDER BY relname
"""

_UNPROVED = """
SELECT conrelid::regclass || ' has rows that ' || conname || ' never looked at'
FROM pg_constraint WHERE connamespace = $1::text::regnamespace AND NOT convalidated
ORDER BY conname
"""

_HEARTBEATS = """
SELECT source, extract(epoch FROM now() - confirmed_at)::float8
FROM {service}.checkpoints ORDER BY source
"""

_LETTERS = """
SELECT count(*), extract(epoch FROM now() - min(next_attempt_at))::float8
FROM identity.mails WHERE status = 'queued' AND next_attempt_at < now()
"""

# Numbers have no gap, so the highest is the count; an event's id begins with its millisecond, so
# what is new is found by the index of the ids (RFC 9562, 5.7).
_LOG = """
SELECT coalesce(max(source_seq), 0), pg_total_relation_size('{service}.outbox'),
    (SELECT count(*) FROM {service}.outbox WHERE event_id >= (lpad(to_hex((extract(
        epoch FROM now() - interval '{days} days') * 1000)::bigint), 12, '0')
        || repeat('0', 20))::uuid),
    (SELECT count(*) FROM {service}.outbox WHERE {unsent}),
    (SELECT extract(epoch FROM now() - min(occurred_at))::float8
        FROM {service}.outbox WHERE {unsent})
FROM {service}.outbox
"""

# As the two small indexes of what waits have it.
_UNSENT = "source_seq IS NULL OR (sent_at IS NULL AND source_seq IS NOT NULL)"

# Every module is on until a switch says otherwise; the newest turn of a switch counts.
_MODULES = """
WITH turned AS (
    SELECT DISTINCT ON (org_id, module) org_id, module, enabled
    FROM identity.module_activations ORDER BY org_id, module, created_at DESC, id DESC
)
SELECT o.code, m.module, m.module = ANY (o.modules)
FROM identity.organizations o
CROSS JOIN unnest(array['mana', 'planning', 'budgeting', 'me', 'coordination', 'policies'])
    AS m (module)
LEFT JOIN turned t ON t.org_id = o.id AND t.module = m.module
WHERE (m.module = ANY (o.modules)) <> coalesce(t.enabled, true)
ORDER BY o.code, m.module
"""

# No real person has an address under a name that is reserved for examples (RFC 2606).
_DEMO_ACCOUNTS = """
SELECT count(*) FROM identity.users WHERE email LIKE '%.example' AND status = 'active'
"""


def _over_rows(look: Callable[[Urls], Awaitable[Finding]]) -> Callable[[Subject], Finding]:
    async def looked(subject: Subject) -> Finding:
        return await look(urls_of(subject))

    return lambda subject: asyncio.run(looked(subject))


def workers(subject: Subject) -> Finding:
    """Look at the workers from both sides: what waits, and who hears them."""
    verdict, evidence = asyncio.run(work_waiting(urls_of(subject)))
    faults = heard(subject)
    if verdict == "pass":
        return judge(faults, evidence)
    return "fail", "; ".join([evidence, *faults])


def flags(subject: Subject) -> Finding:
    """Look at the switches; what may stay on a laptop may not in production."""
    is_production = os.environ.get("BMMS_ENVIRONMENT") == "production"
    return asyncio.run(switches(urls_of(subject), is_production=is_production))


CHECKS = (
    Check("V05", "every row has its organization", _over_rows(coverage)),
    Check("V11", "workers keep up", workers),
    Check("V12", "logs are sent, and this large", _over_rows(logs_sent)),
    Check("V18", "switches stand as they were set", flags),
)
