"""`make bench`: the figures of the running system, written to docs/bench.md.

It starts a stack of its own in a fresh state folder, so that a figure means the same each time.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import platform
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import lag, ledger, lists, memory, revocations, scale, sign_ins, tokens
from tests.bench.section import Section
from tests.e2e.system import System, local_stack

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "bench.md"


Measure = Callable[[System], Section | Awaitable[Section]]

SCENARIOS: dict[str, Measure] = {
    "memory": memory.measure,
    "requests": lists.measure,
    "lag": lag.measure,
    "tokens": tokens.measure,
    "revocations": revocations.measure,
    "sign-ins": sign_ins.measure,
    "ledger": ledger.measure,
    # The last one: it fills the register.
    "scale": scale.measure,
}
"""What can be measured, in this order; `python -m tests.bench requests lag` measures some."""


def main(names: list[str]) -> int:
    """Measure, write the report, and return 1 when a goal is missed, 2 for an unknown name."""
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(f"no such scenario: {unknown[0]}; there are {', '.join(SCENARIOS)}", file=sys.stderr)
        return 2
    with local_stack() as system:
        sections = [_measure(name, system) for name in names or SCENARIOS]
    lines = [*_head(), *(line for section in sections for line in section.lines)]
    print("\n".join(lines))
    if not names:
        REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    missed = [name for section in sections for name in section.missed]
    for name in missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if missed else 0


def _measure(name: str, system: System) -> Section:
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    section = SCENARIOS[name](system)
    return asyncio.run(_wait(section)) if inspect.isawaitable(section) else section


async def _wait(section: Awaitable[Section]) -> Section:
    return await section


def _head() -> list[str]:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`: the whole embedded stack on one machine, load from the same",
        "machine over loopback. Compare ratios; absolute times are this machine's.",
        "",
        f"- when: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}",
        (
            f"- machine: {os.cpu_count()} cores ({model}), {pages / 2**30:.0f} GiB, "
            f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
        ),
        "",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
