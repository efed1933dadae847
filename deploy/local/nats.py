"""The event bus: one NATS server with JetStream on disk, and one account of rights per service."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.local.files import write_private
from deploy.local.ports import Ports
from deploy.local.provision import SERVICES

# Six streams reserve 1 GiB each when they are made (libs/outbox/streams.py).
MAX_FILE_STORE = 8 << 30


def permissions(service: str) -> dict[str, dict[str, list[str]]]:
    """Return what a service may say and hear: its own events, the log's interface, its replies.

    It publishes under its own name only, so no service can speak for another.
    """
    return {
        "publish": {
            "allow": [f"{service}.>", "$JS.API.>", "$JS.ACK.>", "_INBOX.>", "outbox.>"],
        },
        "subscribe": {"allow": ["_INBOX.>", f"outbox.{service}.>"]},
    }


def write_configuration(home: Path, ports: Ports, passwords: dict[str, str]) -> Path:
    """Write the server's configuration, which holds passwords, and return where it is."""
    folder = home / "nats"
    users = [
        {"user": service, "password": passwords[service], "permissions": permissions(service)}
        for service in SERVICES
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
