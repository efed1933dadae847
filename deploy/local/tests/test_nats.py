import asyncio
import json
import socket
import subprocess
from collections.abc import Iterator

import nats
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError

from deploy.local.nats import LISTENERS, LOGINS, permissions, write_configuration
from deploy.local.ports import find_free_ports
from deploy.local.probes import answers
from deploy.local.provision import SERVICES
from deploy.local.settings import read_settings
from libs.outbox.streams import ensure_consumer, ensure_stream

PATIENCE_SECONDS = 60
PASSWORDS = {login: f"password-of-{login}" for login in LOGINS}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, ports = tmp_path_factory.mktemp("nats-home"), find_free_ports()
    (home / "nats").mkdir()
    configuration = write_configuration(home, ports, PASSWORDS)
    assert configuration.stat().st_mode & 0o777 == 0o600
    program = read_settings({"BMMS_HOME": str(home)}).programs("nats-server")
    with (home / "log").open("wb") as log:
        running = subprocess.Popen([program, "-c", configuration], stdout=log, stderr=log)

    told = (home / "log").read_text

    async def ready() -> None:
        while not await answers(ports.nats_monitoring, "/healthz?js-enabled-only=true")():
            assert running.poll() is None, told()
            await asyncio.sleep(0.05)

    asyncio.run(ready())
    yield f"127.0.0.1:{ports.nats}"
    running.terminate()
    running.wait(PATIENCE_SECONDS)


async def _connect(server: str, service: str) -> Client:
    faults: asyncio.Queue[Exception] = asyncio.Queue()

    client = await nats.connect(
        inbox_prefix=f"_INBOX.{service}",
        servers=f"nats://{service}:{PASSWORDS[service]}@{server}",
        error_cb=faults.put,
        allow_reconnect=False,
    )
    client.faults = faults
    return client


async def _settled(client: Client) -> None:
    """Wait until the server knows every subscription that the client has made.

    The client writes the PING of a flush ahead of what still waits to be written, so that the first
    PONG only says that the subscriptions are on their way; the second comes after them.
    """
    for _ in range(2):
        await client.flush(PATIENCE_SECONDS)


async def test_a_service_keeps_its_own_log_and_reads_that_of_another(server: str) -> None:
    planning, ocm = await _connect(server, "planning"), await _connect(server, "ocm")
    await ensure_stream(planning.jetstream(), "planning")
    await ensure_consumer(ocm.jetstream(), "ocm", "planning")
    await planning.jetstream().publish("planning.strategic_plan.submitted.v1", b"{}")
    reader = await ocm.jetstream().pull_subscribe_bind("ocm-from-planning", "PLANNING")
    (message,) = await reader.fetch(1)
    await message.ack_sync()
    assert message.subject == "planning.strategic_plan.submitted.v1"
    await planning.close()
    await ocm.close()


async def test_a_service_answers_for_its_own_outbox(server: str) -> None:
    planning, ocm = await _connect(server, "planning"), await _connect(server, "ocm")

    async def answer(message: nats.aio.msg.Msg) -> None:
        await message.respond(b"42")

    await planning.subscribe("outbox.planning.head", cb=answer)
    await _settled(planning)
    told = await ocm.request("outbox.planning.head", b"", timeout=PATIENCE_SECONDS)
    assert told.data == b"42"
    await planning.close()
    await ocm.close()


@pytest.mark.parametrize("subject", ["planning.strategic_plan.submitted.v1", "budgeting.x.v1"])
async def test_nobody_speaks_for_another_service(server: str, subject: str) -> None:
    mana = await _connect(server, "mana")
    await mana.publish(subject, b"forged")
    assert "permissions violation for publish" in str(await mana.faults.get()).lower()
    await mana.close()


@pytest.mark.parametrize("subject", ["planning.>", ">", "outbox.planning.head"])
async def test_nobody_listens_past_the_log(server: str, subject: str) -> None:
    mana = await _connect(server, "mana")
    await mana.subscribe(subject)
    assert "permissions violation for subscription" in str(await mana.faults.get()).lower()
    await mana.close()


async def test_an_application_hears_of_revocations_and_asks_for_all(server: str) -> None:
    identity, planning = await _connect(server, "identity"), await _connect(server, "planning_app")

    async def answer(message: nats.aio.msg.Msg) -> None:
        await message.respond(b"all")

    await identity.subscribe("revocations.live", queue="identity", cb=answer)
    heard = [
        await planning.subscribe(each) for each in ("identity.revocation.>", "revocations.alive")
    ]
    await _settled(planning)
    await _settled(identity)
    await identity.publish("identity.revocation.made.v1", b"one")
    await identity.publish("revocations.alive", b"beat")
    told = [(await each.next_msg(PATIENCE_SECONDS)).data for each in heard]
    assert told == [b"one", b"beat"]
    everything = await planning.request("revocations.live", b"", timeout=PATIENCE_SECONDS)
    assert everything.data == b"all"
    await identity.close()
    await planning.close()


@pytest.mark.parametrize("login", LISTENERS)
@pytest.mark.parametrize(
    "subject", ["identity.revocation.made.v1", "revocations.alive", "planning.x.v1", "$JS.API.INFO"]
)
async def test_an_application_says_nothing(server: str, login: str, subject: str) -> None:
    app = await _connect(server, login)
    await app.publish(subject, b"forged")
    assert "permissions violation for publish" in str(await app.faults.get()).lower()
    await app.close()


@pytest.mark.parametrize("subject", [">", "identity.>", "planning.>", "_INBOX.>", "outbox.>"])
async def test_an_application_hears_nothing_else(server: str, subject: str) -> None:
    app = await _connect(server, "planning_app")
    await app.subscribe(subject)
    assert "permissions violation for subscription" in str(await app.faults.get()).lower()
    await app.close()


@pytest.mark.parametrize("subject", ["revocations.alive", "identity.revocation.made.v1"])
async def test_identity_alone_tells_what_was_revoked(server: str, subject: str) -> None:
    planning = await _connect(server, "planning")
    await planning.publish(subject, b"forged")
    assert "permissions violation for publish" in str(await planning.faults.get()).lower()
    await planning.close()


async def test_a_silent_source_is_told_at_once(server: str) -> None:
    ocm = await _connect(server, "ocm")
    with pytest.raises(NoRespondersError):
        await ocm.request("outbox.coordination.head", b"", timeout=PATIENCE_SECONDS)
    await ocm.close()


@pytest.mark.parametrize(("user", "password"), [("planning", "wrong"), ("stranger", "x")])
def test_nobody_connects_without_its_password(server: str, user: str, password: str) -> None:
    host, port = server.split(":")
    greeting = json.dumps({"user": user, "pass": password, "verbose": True})
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(f"CONNECT {greeting}\r\nPING\r\n".encode())
        with connection.makefile("rb") as answers_:
            told = answers_.read()
    assert b"Authorization Violation" in told
    assert b"PONG" not in told


def test_every_service_has_rights_of_its_own() -> None:
    assert [permissions(service)["publish"]["allow"][0] for service in SERVICES] == [
        f"{service}.>" for service in SERVICES
    ]
