"""The event bus: one NATS server with JetStream on disk, and one account of rights per process."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.local.files import write_private
from deploy.local.ports import Ports
from deploy.local.provision import SERVICES

# Six streams reserve 1 GiB each when they are made (libs/outbox/streams.py).
MAX_FILE_STORE = 8 << 30


LISTENERS = {f"{service}_app": service for service in SERVICES if service != "identity"}
"""The logins of applications, which only hear of revocations; identity asks its own database."""

LOGINS = (*SERVICES, *LISTENERS)

Rights = dict[str, dict[str, list[str]]]


def permissions(login: str) -> Rights:
    """Return what a login may say and hear."""
    return _listening(login) if login in LISTENERS else _serving(login)


def _serving(service: str) -> Rights:
    """Return the rights of a worker: its own events, the log's interface, its replies.

    It publishes under its own name only, so no service can speak for another; and identity alone
    tells what was revoked (ADR 0012).
    """
    publish = [f"{service}.>", "$JS.API.>", "$JS.ACK.>", "_INBOX.>", "outbox.>"]
    subscribe = ["_INBOX.>", f"outbox.{service}.>"]
    if service == "identity":
        publish.append("revocations.alive")
        subscribe.append("revocations.live")
    return {"publish": {"allow": publish}, "subscribe": {"allow": subscribe}}


def _listening(login: str) -> Rights:
    """Return the rights of an application: to hear of revocations, and to ask for all of them."""
    heard = ["identity.revocation.>", "revocations.alive", f"_INBOX.{login}.>"]
    return {"publish": {"allow": ["revocations.live"]}, "subscribe": {"allow": heard}}


def write_configuration(home: Path, ports: Ports, passwords: dict[str, str]) -> Path:
    """Write the server's configuration, which holds passwords, and return where it is."""
    folder = home / "nats"
    users = [
        {"user": login, "password": passwords[login], "permissions": permissions(login)}
        for login in LOGINS
    ]
    # JSON is a subset of NATS's own format, and needs no quoting rules of ours.
    configuration = {
        "server_name": "bmms",
        "listen": f"127.0.0.1:{ports.nats}",
        "http": f"127.0.0.1:{ports.nats_monitoring}",
        "jetstream": {
            "store_dir": str(folder / "store"),
            "max_file_store": MAX_FILE_STORE,
            "max_memory_store": 64 << 20,
        },
        "max_payload": 8 << 20,
        "authorization": {"users": users},
    }
    path = folder / "nats-server.conf"
    write_private(path, json.dumps(configuration, indent=2) + "\n")
    return path
