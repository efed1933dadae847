"""`make bench`: the figures of the running system, each beside what was promised.

It starts a stack of its own in a fresh state folder, so that a figure means the same each time, and
removes it. What was measured is kept in build/; docs/bench.md explains each scenario.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import (
    lag,
    ledger,
    lists,
    rebuild,
    report,
    revocations,
    scale,
    sign_ins,
    start,
    statements,
    tokens,
)
from tests.bench.section import Section, tell
from tests.e2e.system import System, local_stack

Measure = Callable[[System], Section | Awaitable[Section]]

SCENARIOS: dict[str, Measure] = {
    "start": start.measure,
    "statements": statements.measure,
    "requests": lists.measure,
    "lag": lag.measure,
    "rebuild": rebuild.measure,
    "tokens": tokens.measure,
    "revocations": revocations.measure,
    "sign-ins": sign_ins.measure,
    "ledger": ledger.measure,
    # The last one: it fills the register.
    "scale": scale.measure,
}
"""What can be measured, in this order; `python -m tests.bench requests lag` measures some."""

MOST_SECONDS = 15 * 60
"""After that what has not been measured is left out, and said to be."""

MOST_BY_ONE = 5 * 60


class TookTooLong(Exception):
    """A scenario, or the whole, ran out of its time."""


def main(arguments: list[str]) -> int:
    """Measure; 0 when everything could be measured, whatever came out, else 1."""
    asked = _asked(arguments)
    deadline = time.monotonic() + MOST_SECONDS
    # A run that is ended from outside takes its stack with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tell("starting a stack of its own …")
    began = time.monotonic()
    with local_stack() as system:
        start.first_start = time.monotonic() - began
        wanted = [name for name in SCENARIOS if name in (asked.scenarios or SCENARIOS)]
        outcomes = [_measure(name, system, deadline) for name in wanted]
    whole = report.keep(outcomes, SCENARIOS)
    print("\n".join(report.summary(outcomes)))
    tell(f"kept in {report.KEPT.relative_to(report.ROOT)} and beside it as bench.md")
    if asked.write:
        report.write(asked.write, whole)
        tell(f"written to {asked.write}")
    return 1 if any(each.trouble for each in outcomes) else 0


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "scenarios", nargs="*", metavar="scenario", help=f"some of {', '.join(SCENARIOS)}; else all"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the figures between the markers of a file"
    )
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.scenarios if name not in SCENARIOS]
    if unknown:
        parser.error(f"no such scenario: {unknown[0]}; there are {', '.join(SCENARIOS)}")
    return asked


def _measure(name: str, system: System, deadline: float) -> report.Outcome:
    """Measure one scenario; what fails is said, and the others go on."""
    tell(f"measuring {name} …")
    began, sections, trouble = time.monotonic(), [], ""
    left = min(MOST_BY_ONE, deadline - began)
    try:
        with _at_most(left):
            sections = [_wait(SCENARIOS[name](system))]
    except Exception as failed:  # noqa: BLE001 (one scenario's trouble is not the others')
        trouble = f"{type(failed).__name__}: {failed}".replace("|", "/").split("\n")[0][:300]
        tell(f"  not measured: {trouble}")
    return report.outcome(name, time.monotonic() - began, sections, trouble)


def _wait(section: Any) -> Section:
    async def wait() -> Section:
        measured: Section = await section
        return measured

    return asyncio.run(wait()) if inspect.isawaitable(section) else section


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    if seconds <= 0:
        raise TookTooLong("there was no time left")

    def give_up(*_: object) -> None:
        raise TookTooLong(f"it took longer than {seconds:.0f} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
