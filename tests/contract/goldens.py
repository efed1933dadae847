"""Writes the golden documents in `contracts/`: `make contracts`, on purpose and by a person.

A field that an event once carried is never taken away or given another type: it refuses and names
the field. Such a change is a new version of the event (`…v2`), beside the old one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.postgres import Cluster
from deploy.local.provision import generate_passwords, provision
from deploy.local.throwaway import throwaway_cluster
from libs.chassis.testing import migrate
from tests.contexts import PRESENT
from tests.contract.catalogue import read_catalogue
from tests.contract.promises import EVENTS, OPENAPI, breaks, events_of, openapi_of
from tests.contract.rules import SHARING, sharing_of


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


async def sharing(cluster: Cluster, service: str) -> dict[str, dict[str, str]]:
    """Return how a service shares rows, as its migrations leave the database."""
    await provision(cluster.admin_url("postgres"), service, generate_passwords(service))
    name = f"bmms_{service}"
    engine = create_async_engine(cluster.admin_url(name, driver="postgresql+asyncpg"))
    async with engine.connect() as opened:
        await opened.run_sync(migrate, service)
    await engine.dispose()
    connection = await asyncpg.connect(cluster.admin_url(name))
    shared = sharing_of(await read_catalogue(connection, service))
    await connection.close()
    return shared


def write_sharing(services: list[str]) -> None:
    """Write who else may read which rows; the other services keep what is written."""
    told = read(SHARING) if SHARING.exists() else {}
    with throwaway_cluster() as cluster:
        for service in services:
            told[service] = asyncio.run(sharing(cluster, service))
    write(SHARING, told)


def main(services: list[str]) -> int:
    """Write the documents of the named services, of all by default."""
    write_sharing(services or PRESENT)
    broken = []
    for service in services or PRESENT:
        write(OPENAPI / f"{service}.json", openapi_of(service))
        for subject, document in events_of(service).items():
            path = EVENTS / f"{subject}.json"
            missed = breaks(read(path)["schema"], document["schema"]) if path.exists() else []
            broken += [f"{subject}: {field}" for field in missed]
            if not missed:
                write(path, document)
    for line in broken:
        print(f"{line}; announce a new version instead", file=sys.stderr)  # noqa: T201
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
