"""A cluster that lives as long as a `with` block: what every test with a database runs on."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.placement import (
    OUTSIDE,
    Placement,
    make_passable,
    reachable_binaries,
    wheel_binaries,
)
from deploy.local.ports import find_free_port
from deploy.local.postgres import Cluster, new_password
from deploy.local.system_user import server_user
from deploy.local.trouble import CannotStart

# The shell ends the server as soon as our end of the pipe closes: also when a test run is killed.
GUARD = '"$@" & server=$!; read -r _; kill -INT "$server"; wait "$server"'

PATIENCE_SECONDS = 60


class ThrowawayCluster:
    """The block itself; `async with` leaves the event loop free while the server starts."""

    def __init__(self) -> None:
        """Nothing is started before the block is entered."""
        self._running = _running_cluster()

    def __enter__(self) -> Cluster:
        """Start the cluster."""
        return self._running.__enter__()

    def __exit__(self, *failure: object) -> None:
        """Stop and remove it, whatever happened in the block."""
        self._running.__exit__(None, None, None)

    async def __aenter__(self) -> Cluster:
        """Start the cluster in a thread."""
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, *failure: object) -> None:
        """Stop and remove it in a thread."""
        await asyncio.to_thread(self.__exit__)


def throwaway_cluster() -> ThrowawayCluster:
    """Start an empty cluster on a free loopback port, forgetful and fast; remove it at the end."""
    return ThrowawayCluster()


@contextmanager
def _running_cluster() -> Iterator[Cluster]:
    """Start the server, hand it out, stop it and remove every file."""
    folder = _new_folder()
    try:
        cluster = Cluster(_placement(folder), find_free_port(), new_password(), durable=False)
        cluster.prepare()
        log = folder / "server.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "sh", *cluster.command()],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **cluster.run_as(),
            )
        try:
            _wait(cluster, server, log)
            yield cluster
        finally:
            server.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    """Make a folder that the server's user can reach: the usual one may lie in a private one."""
    user = server_user()
    usual = Path(tempfile.gettempdir())
    parent = usual if user is None or user.reaches(usual) else OUTSIDE
    folder = Path(tempfile.mkdtemp(prefix="bmms-test-", dir=parent))
    make_passable(folder)
    make_passable(folder / "postgres")
    return folder


def _placement(folder: Path) -> Placement:
    """Place the cluster in the folder, with binaries that its user can execute."""
    user, binaries = server_user(), wheel_binaries()
    if user:
        binaries = reachable_binaries(folder, user, binaries)
    return Placement(folder / "postgres", binaries, user)


def _wait(cluster: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers, which its own `pg_isready` tells."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while subprocess.run(cluster.probe(), check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            told = log.read_text(errors="replace")[-2000:]
            raise CannotStart(f"the test cluster did not start: {told}")
        time.sleep(0.05)
