"""Whole sign-ins, from the client's request to its access token, at a steady rate."""

from __future__ import annotations

import asyncio
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from deploy.cli.token import Credentials, access_token
from deploy.local.settings import LocalSettings
from tests.bench.people import PASSWORD, address, generate
from tests.bench.section import Section
from tests.e2e.system import System

A_SECOND = 10
SECONDS = 20
AT_ONCE = 32
MOST_MILLISECONDS = 400


async def measure(system: System, seconds: int = SECONDS) -> Section:
    """Let people sign in at ten a second, each for the first time."""
    section = Section("Sign-in", ["sign-ins", "a second", "p50 ms", "p95 ms", "p99 ms"])
    many = A_SECOND * seconds
    await generate(system.admin_url("bmms_identity"), "early", users=many, at_moh=many)
    times = await sign_ins(system, "early", seconds)
    add_row(section, times, seconds)
    section.close()
    return section


def add_row(section: Section, times: list[float], seconds: int, name: str = "") -> None:
    """Add a row with its goal."""
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    told = (f"{cuts[nth]:.0f}" for nth in (49, 94, 98))
    section.row(f"{len(times)} {name}".strip(), f"{len(times) / seconds:.1f}", *told)
    section.goal(
        f"a sign-in takes at most {MOST_MILLISECONDS} ms p95 at {A_SECOND} a second",
        met=cuts[94] <= MOST_MILLISECONDS,
    )


async def sign_ins(system: System, name: str, seconds: int) -> list[float]:
    """Begin sign-ins at the rate, whether or not earlier ones are done; return milliseconds."""
    loop, settings = asyncio.get_running_loop(), system.settings
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = []
        started = time.monotonic()
        for number in range(A_SECOND * seconds):
            await asyncio.sleep(max(0.0, started + number / A_SECOND - time.monotonic()))
            person = Credentials(address(name, number), PASSWORD)
            begun.append(loop.run_in_executor(pool, _sign_in, settings, person))
        return list(await asyncio.gather(*begun))


def _sign_in(settings: LocalSettings, person: Credentials) -> float:
    began = time.perf_counter()
    access_token(settings, person, "MOH")
    return (time.perf_counter() - began) * 1000
