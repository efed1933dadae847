"""Checks of the parts: processes, mode, migrations, databases, event bus, disk."""

from __future__ import annotations

import asyncio
import json
import shutil
import time

import asyncpg
import httpx
import nats
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy.cli.checking import Check, Finding, Subject, judge
from deploy.local.prepare import applied_versions
from deploy.local.provision import SERVICES
from deploy.local.settings import ROOT, service_environment
from libs.outbox.streams import head_address

SLOWEST_BUS_SECONDS = 2.0
LARGEST_BACKLOG = 1_000
FULLEST_DISK = 0.8
FULLEST_POOL = 0.9


def health(subject: Subject) -> Finding:
    """Ask every process whether it is ready: apps through the gateway, workers on their ports."""
    ports = subject.settings.ports
    asked = {f"{each}": f"/api/v1/{each}/health/ready" for each in SERVICES}
    asked |= {
        f"{each}-worker": f"http://127.0.0.1:{ports.worker(each)}/health/ready" for each in SERVICES
    }
    asked["nats"] = f"http://127.0.0.1:{ports.nats_monitoring}/healthz"
    answers = {name: _status(subject, address) for name, address in asked.items()}
    faults = [f"{name}: {status}" for name, status in answers.items() if status != "200"]
    return judge(faults, f"{len(asked)} processes are ready")


def mode(subject: Subject) -> Finding:
    """See whether the gateway behaves in the mode that identity was told."""
    told = subject.settings.mode.mode
    answer = subject.gateway.anyone.get("/api/v1/planning/strategic-plans")
    behaves = "bmms" if answer.status_code == httpx.codes.MOVED_PERMANENTLY else "obcms"
    faults = [] if behaves == told else [f"told {told}, the gateway behaves as {behaves}"]
    return judge(faults, f"{told}: a path without organization answers {answer.status_code}")


def migrations(subject: Subject) -> Finding:
    """Compare the version of every database with the newest migration."""
    faults, found = [], []
    for service in SERVICES:
        settings = Config(str(ROOT / "alembic.ini"), ini_section=service)
        newest = set(ScriptDirectory.from_config(settings).get_heads())
        applied = asyncio.run(applied_versions(_url(subject, service, "MIGRATION"), service))
        found += sorted(applied)
        if applied != newest:
            faults.append(f"{service} is at {applied or 'nothing'}, the newest is {newest}")
    return judge(faults, ", ".join(found))


def no_context(subject: Subject) -> Finding:
    """Read every organization's tables as the application, for nobody: no row may appear."""

    async def leaks(service: str) -> tuple[int, list[str]]:
        connection = await asyncpg.connect(_url(subject, service, ""))
        try:
            tables = await connection.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace"
                " AND relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity"
                " AND has_table_privilege(oid, 'SELECT') AND EXISTS (SELECT FROM pg_attribute"
                " WHERE attrelid = pg_class.oid AND attname = 'org_id')",
                service,
            )
            names = [row["relname"] for row in tables]
            seen = [
                f"{service}.{name}"
                for name in names
                if await connection.fetchval(f'SELECT true FROM {service}."{name}" LIMIT 1')
            ]
        finally:
            await connection.close()
        return len(names), seen

    counted, faults = 0, []
    for service in SERVICES:
        tables, seen = asyncio.run(leaks(service))
        counted += tables
        faults += [f"{name} shows rows" for name in seen]
        if not tables:
            faults.append(f"{service} has no table of organizations under forced row security")
    return judge(faults, f"{counted} tables show nothing without an organization")


def database(subject: Subject) -> Finding:
    """Look at encoding, connections in use and round trip."""

    async def look() -> Finding:
        connection = await asyncpg.connect(_url(subject, "planning", ""))
        try:
            began = time.perf_counter()
            encoding = await connection.fetchval("SHOW server_encoding")
            milliseconds = (time.perf_counter() - began) * 1000
            used = await connection.fetchval("SELECT count(*) FROM pg_stat_activity")
            most = int(await connection.fetchval("SHOW max_connections"))
        finally:
            await connection.close()
        faults = [] if encoding == "UTF8" else [f"encoding {encoding}"]
        if used > most * FULLEST_POOL:
            faults.append(f"{used} of {most} connections used")
        return judge(faults, f"{encoding}, {used} of {most} connections, {milliseconds:.1f} ms")

    return asyncio.run(look())


def event_bus(subject: Subject) -> Finding:
    """Ask each service, over the bus, how far its log has come: broker, worker and database."""

    async def ask(service: str) -> tuple[float, int]:
        client = await nats.connect(_url(subject, service, "", kind="NATS_URL"))
        try:
            began = time.perf_counter()
            answer = await client.request(head_address(service), b"{}", timeout=5)
            return time.perf_counter() - began, json.loads(answer.data)["pending"]
        finally:
            await client.close()

    faults, slowest, pending = [], 0.0, 0
    for service in SERVICES:
        seconds, waiting = asyncio.run(ask(service))
        slowest, pending = max(slowest, seconds), pending + waiting
        if seconds > SLOWEST_BUS_SECONDS:
            faults.append(f"{service} answered in {seconds:.1f} s")
        if waiting > LARGEST_BACKLOG:
            faults.append(f"{waiting} events of {service} wait to be numbered")
    faults += _lagging(subject)
    return judge(faults, f"slowest answer {slowest * 1000:.0f} ms, {pending} events waiting")


def _lagging(subject: Subject) -> list[str]:
    """Name the consumers that the broker says are far behind."""
    port = subject.settings.ports.nats_monitoring
    told = httpx.get(f"http://127.0.0.1:{port}/jsz?consumers=true", trust_env=False).json()
    streams = [
        stream
        for account in told.get("account_details", [])
        for stream in account.get("stream_detail", [])
    ]
    faults = [
        f"{consumer['name']} is {consumer['num_pending']} events behind"
        for stream in streams
        for consumer in stream.get("consumer_detail", [])
        if consumer["num_pending"] > LARGEST_BACKLOG
    ]
    missing = {service.upper() for service in SERVICES} - {stream["name"] for stream in streams}
    return faults + [f"there is no stream {name}" for name in sorted(missing)]


def disk(subject: Subject) -> Finding:
    """Look at the disk of the state folder."""
    usage = shutil.disk_usage(subject.settings.home)
    share = usage.used / usage.total
    evidence = f"{share:.0%} of the disk used, {usage.free >> 30} GiB free"
    return ("warn" if share > FULLEST_DISK else "pass"), evidence


def _status(subject: Subject, address: str) -> str:
    try:
        return str(subject.gateway.anyone.get(address).status_code)
    except httpx.TransportError as silent:
        return type(silent).__name__


def _url(subject: Subject, service: str, role: str, *, kind: str = "DATABASE_URL") -> str:
    told = service_environment(subject.settings, subject.passwords, service, "command")
    name = "_".join(part for part in (service.upper(), role, kind) if part)
    return told[name].replace("+asyncpg", "")


def _not_here(reason: str) -> Check:
    number, _, title = reason.partition(" ")
    what, _, why = title.partition(": ")
    return Check(number, what, lambda _subject: ("skip", why))


CHECKS = (
    Check("V01", "every process is ready", health),
    Check("V02", "one mode everywhere", mode),
    Check("V03", "migrations are complete", migrations),
    Check("V07", "no organization, no rows", no_context),
    Check("V10", "the database is well", database),
    Check("V12", "the event bus carries", event_bus),
    Check("V17", "the disk has room", disk),
    _not_here("V13 backups are fresh: the embedded stack makes none"),
    _not_here("V14 alerts reach somebody: the embedded stack has no alerting"),
)
