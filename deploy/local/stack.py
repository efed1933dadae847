"""The supervisor: brings everything up in order, keeps it up, and takes it down in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from deploy.gateway.openapi import write_merged_document
from deploy.local import programs
from deploy.local.passwords import SECRETS, Passwords, keep_passwords
from deploy.local.placement import place
from deploy.local.process import Process, Program, how_ended, last_words
from deploy.local.provision import SERVICES
from deploy.local.running import born_at
from deploy.local.settings import (
    ADMIN_URL,
    ROOT,
    LocalSettings,
    inherited_environment,
    record,
    service_environment,
)
from deploy.local.state import forget_state, write_state
from deploy.local.trouble import EX_CONFIG, CannotStart

LARGEST_LOG = 10 << 20


class Stack:
    """All processes of one state folder."""

    def __init__(self, settings: LocalSettings, tell: Callable[[str], None]) -> None:
        """Start nothing yet; `tell` takes the lines of progress."""
        self._settings = settings
        self._tell = tell
        self._processes: list[Process] = []
        self._phase = "starting"
        self._stop = asyncio.Event()

    async def run(self, ready: Callable[[], None]) -> None:
        """Start everything, call `ready`, say so, and keep it running until told to stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        start = asyncio.create_task(self._start())
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((start, stop), return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
                ready()
                self._enter("ready")
                await stop
        finally:
            await self._end(start)

    async def _start(self) -> None:
        home = self._settings.home
        data = place(home).data
        if data.exists() and not (home / SECRETS).exists():
            raise CannotStart(
                f"{home / SECRETS} is missing and the data in {data} needs it: "
                "put it back, or remove the state folder to start afresh"
            )
        passwords = keep_passwords(home)
        server = programs.cluster(self._settings, passwords)
        await asyncio.to_thread(server.prepare)
        try:
            write_merged_document(ROOT / "contracts" / "openapi", self._settings.home / "gateway")
        except ValueError as broken:
            raise CannotStart(f"contracts/openapi: {broken}: run `make contracts`") from broken
        await self._launch(
            programs.postgres(self._settings, server),
            programs.nats_server(self._settings, passwords),
        )
        commands = inherited_environment() | {ADMIN_URL: server.admin_url()}
        for service in SERVICES:
            commands |= service_environment(self._settings, passwords, service, "command")
        await self._finish("databases, streams and migrations", "deploy.local.prepare", commands)
        await self._start_services(passwords, commands)

    async def _start_services(self, passwords: Passwords, commands: dict[str, str]) -> None:
        """Start the twelve processes and the gateway at once, while the register is loaded."""
        settings = self._settings
        await _together(
            self._finish("register and demo accounts", "services.identity.seed", commands),
            self._launch(
                *(programs.app(settings, passwords, service) for service in SERVICES),
                *(programs.worker(settings, passwords, service) for service in SERVICES),
                programs.gateway(settings),
            ),
        )

    async def _launch(self, *launched: Program) -> None:
        """Start programs at once and wait until all are ready."""
        processes = [Process(each, self._log(each.name), self._tell) for each in launched]
        self._processes += processes
        await _together(*(self._launch_one(process) for process in processes))

    async def _launch_one(self, process: Process) -> None:
        await process.start(self._record)
        self._tell(f"{process.program.name} is ready on port {process.program.port}")

    async def _finish(self, what: str, module: str, environment: dict[str, str]) -> None:
        """Run one of our commands to its end."""
        log = self._log(module.rsplit(".", 1)[-1])
        with log.open("ab") as output:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module),
                env=environment,
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            code = await child.wait()
        except asyncio.CancelledError:
            child.kill()
            raise
        if code != 0:
            raise CannotStart(
                f"{what}: {how_ended(code)}: {last_words(log)}",
                exit_code=EX_CONFIG if code == EX_CONFIG else 1,
            )
        self._tell(f"{what} are ready")

    def _log(self, name: str) -> Path:
        """Return the log of a process; a large one from before makes room."""
        log = self._settings.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        return log

    async def _end(self, start: asyncio.Task[None]) -> None:
        """Stop what was started: who asks before who is asked, the database last."""
        self._enter("stopping")
        start.cancel()
        await asyncio.wait((start,))
        named = {process.program.name: process for process in self._processes}
        services = [name for name in named if name not in ("gateway", "nats", "postgres")]
        for group in (["gateway"], services, ["nats"], ["postgres"]):
            await asyncio.gather(*(named[name].stop() for name in group if name in named))
        forget_state(self._settings.home)
        self._tell("everything is stopped")

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._record()

    def _record(self) -> None:
        """Tell every command what runs."""
        write_state(
            self._settings.home,
            {
                "phase": self._phase,
                "pid": os.getpid(),
                "born": born_at(os.getpid()),
                "settings": record(self._settings),
                "processes": [
                    {
                        "name": process.program.name,
                        "port": process.program.port,
                        "pid": process.pid,
                        "born": process.born,
                        "restarts": process.restarts,
                    }
                    for process in self._processes
                ],
            },
        )


async def _together(*work: Coroutine[object, object, None]) -> None:
    """Do several things at once; when one fails, give up the others and tell its reason."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
