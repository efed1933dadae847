"""What must be true before the migrations: roles, databases, streams (the job `prepare`).

A superuser's work, so it has an image of its own and no service is ever told its address. The
passwords come from the environment, one for each role: PLANNING_APP_PASSWORD is planning_app's.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

import nats

from deploy.local.provision import SERVICES, login_roles, provision
from libs.outbox.streams import ensure_stream

ADMIN_URL = "BMMS_ADMIN_DATABASE_URL"
NATS_ADDRESS = "NATS_ADDRESS"


async def prepare(told: Mapping[str, str]) -> None:
    """Make what is missing for every service; safe to repeat."""
    for service in SERVICES:
        passwords = {role: told[f"{role.upper()}_PASSWORD"] for role in login_roles(service)}
        await provision(told[ADMIN_URL], service, passwords)
        # As the service itself: the bus lets it make its own stream and no other.
        client = await nats.connect(
            f"nats://{told[NATS_ADDRESS]}",
            user=service,
            password=told[f"{service.upper()}_NATS_PASSWORD"],
        )
        await ensure_stream(client.jetstream(), service)
        await client.close()
        print(f"{service}: roles, database and stream are ready", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(prepare(os.environ))
