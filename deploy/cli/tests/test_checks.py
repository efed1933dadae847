"""Each check meets the fault that it is there for."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import asyncpg
import httpx
import pytest
from uuid_utils.compat import uuid7

from deploy.cli import checks_of_rows
from deploy.cli.checks_of_exposure import cookie_faults, secret_faults, site_faults
from deploy.cli.verify import all_checks
from deploy.local.passwords import Passwords, keep_passwords
from libs.chassis.testing import ServiceDatabase

SERVICES = ("identity", "planning")

ORGANIZATION = """
INSERT INTO identity.organizations
    (id, key, code, name, org_type, is_moa, is_pilot, is_active, modules, verified, source_note,
     version)
VALUES ($1, 'moh', 'MOH', 'Health', 'ministry', true, true, true,
    array['mana', 'budgeting', 'me', 'coordination', 'policies'], 'yes', '', 1)
"""
SWITCHED_OFF = """
INSERT INTO identity.module_activations
    (org_id, id, module, enabled, reason, version, created_at, created_by, updated_at, updated_by)
VALUES ($1, gen_random_uuid(), 'planning', false, 'later', 1, now(), $1, now(), $1)
"""
ACCOUNT = """
INSERT INTO identity.users
    (id, email, full_name, phone, language, must_change_password, must_enrol_factor, status,
     lock_reason, deactivated_reason, version)
VALUES (gen_random_uuid(), 'manager@moh.example', 'M', '', 'en', false, false, 'active', '', '', 1)
"""
LETTER = """
INSERT INTO identity.mails
    (id, template, language, to_address, sealed, status, attempts, next_attempt_at, last_fault,
     version)
VALUES (gen_random_uuid(), 'welcome', 'en', 'a@b.example', '\\x00', 'queued', 0,
    now() - interval '1 hour', '', 1)
"""
STRAY = """
INSERT INTO planning.idempotency_keys (org_id, key, request_hash, status, headers, body)
VALUES (gen_random_uuid(), 'k', '', 200, '{}', '')
"""
PARKED = """
INSERT INTO planning.parked_events (event_id, envelope, reason, attempts)
VALUES (gen_random_uuid(), '{}', 'unreadable', 1)
"""
CONFIRMED = """
INSERT INTO planning.checkpoints (source, confirmed_at) VALUES ('identity', now() - $1::interval)
ON CONFLICT (source) DO UPDATE SET confirmed_at = excluded.confirmed_at
"""
EVENT = """
INSERT INTO planning.outbox
    (event_id, org_id, actor_id, subject, aggregate_id, aggregate_version, data, traceparent,
     occurred_at, source_seq)
VALUES ($1, $1, $1, 'planning.x.made.v1', $1, 1, '{}', '', now() - interval '1 hour', 1)
"""


@pytest.fixture
async def urls(
    service_database: Callable[[str], Awaitable[ServiceDatabase]],
) -> dict[str, str]:
    made = {service: await service_database(service) for service in SERVICES}
    return {service: each.admin.replace("+asyncpg", "") for service, each in made.items()}


@pytest.fixture
async def identity(urls: dict[str, str]) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(urls["identity"])
    yield connection
    await connection.close()


@pytest.fixture
async def planning(urls: dict[str, str]) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(urls["planning"])
    yield connection
    await connection.close()


async def test_what_the_databases_hold_is_found_out(
    urls: dict[str, str], identity: asyncpg.Connection, planning: asyncpg.Connection
) -> None:
    assert (await checks_of_rows.coverage(urls))[0] == "pass"
    await planning.execute(STRAY)
    await planning.execute("ALTER TABLE planning.outbox ALTER org_id DROP NOT NULL")
    await planning.execute("ALTER TABLE planning.outbox ADD CHECK (position > 0) NOT VALID")
    verdict, told = await checks_of_rows.coverage(urls)
    assert verdict == "fail"
    assert "1 rows of planning.idempotency_keys are no registered organization's" in told
    assert "planning.outbox takes rows without an organization" in told
    assert "planning.outbox has rows that outbox_position_check never looked at" in told

    org_id = uuid7()
    assert (await checks_of_rows.switches(urls, is_production=True))[0] == "pass"
    await identity.execute(ORGANIZATION, org_id)
    assert await checks_of_rows.switches(urls, is_production=True) == (
        "fail",
        "MOH has planning off, its history says otherwise",
    )
    await identity.execute(SWITCHED_OFF, org_id)
    await identity.execute(ACCOUNT)
    verdict, told = await checks_of_rows.switches(urls, is_production=True)
    assert (verdict, told.split(":")[0]) == ("fail", "1 demo accounts can sign in to production")
    assert (await checks_of_rows.switches(urls, is_production=False))[0] == "pass"


async def test_what_waits_is_found_out(
    urls: dict[str, str], identity: asyncpg.Connection, planning: asyncpg.Connection
) -> None:
    assert await checks_of_rows.work_waiting(urls) == (
        "fail",
        "planning has confirmed no source yet",
    )
    await planning.execute(CONFIRMED, timedelta())
    assert (await checks_of_rows.work_waiting(urls))[0] == "pass"
    await planning.execute(CONFIRMED, timedelta(hours=1))
    await planning.execute(PARKED)
    await identity.execute(LETTER)
    verdict, told = await checks_of_rows.work_waiting(urls)
    assert verdict == "fail"
    assert "planning last confirmed identity" in told
    assert "1 events are parked at planning" in told
    assert "1 letters are due" in told

    verdict, told = await checks_of_rows.logs_sent(urls)
    assert verdict == "pass"
    assert "planning 0 events" in told
    event_id = uuid7()
    await planning.execute(EVENT, event_id)
    verdict, told = await checks_of_rows.logs_sent(urls)
    assert (verdict, told.split(",")[0]) == ("fail", "1 events of planning wait")
    await planning.execute("UPDATE planning.outbox SET sent_at = now()")
    verdict, told = await checks_of_rows.logs_sent(urls)
    assert verdict == "pass"
    assert "planning 1 events" in told
    assert "1 in 30 days" in told
    await planning.execute("UPDATE planning.outbox SET source_seq = 10000001")
    verdict, told = await checks_of_rows.logs_sent(urls)
    assert (verdict, told.split(" should")[0]) == ("warn", "the log of planning")


class _Careless(BaseHTTPRequestHandler):
    """A site that leaves open whatever can be left open."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Set-Cookie", "bmms_csrf=x; Path=/")
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"Traceback")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def _careless() -> Iterator[httpx.Client]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Careless)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", timeout=60) as client:
        yield client
    server.shutdown()
    server.server_close()


def test_what_a_stranger_could_use_is_found_out() -> None:
    with _careless() as site:
        told = "; ".join(site_faults(site))
    for fault in (
        "scripts can read bmms_csrf",
        "bmms_csrf goes along from other sites",
        "x-content-type-options is None without 'nosniff'",
        "a form from elsewhere is answered 200, not 403",
        "/metrics answers 200, not 404",
        "a refusal tells what runs here",
    ):
        assert fault in told
    page = httpx.Response(
        200, headers={"Set-Cookie": "bmms_csrf=x; Secure; HttpOnly; SameSite=Lax"}
    )
    page.request = httpx.Request("GET", "https://bmms.example/account/sign-in")
    assert list(cookie_faults(page)) == ["bmms_csrf may travel in the clear"]


def test_secrets_that_are_weak_shared_or_open_are_found_out(tmp_path: Path) -> None:
    assert secret_faults(tmp_path, keep_passwords(tmp_path)) == []
    (tmp_path / "secrets.json").chmod(0o644)
    careless = Passwords(postgres={"app": "short"}, nats={"app": "x" * 40}, sealing={"a": "x" * 40})
    assert secret_faults(tmp_path, careless) == [
        "secrets.json can be read by others (644)",
        "the secret of postgres app has 5 characters",
        "sealing a has the secret of nats app",
    ]


def test_every_check_of_the_list_is_there_or_says_why_not() -> None:
    assert {check.id for check in all_checks()} == {f"V{nth:02}" for nth in range(1, 19)}
