"""What was measured: kept in build/, summed up in one table, and written into docs/bench.md."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.section import Section

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "bench.json"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


@dataclass
class Outcome:
    """What one scenario came to: its sections, or why there are none."""

    scenario: str
    seconds: float
    at: str
    machine: str
    sections: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""


def outcome(scenario: str, seconds: float, sections: Iterable[Section], trouble: str) -> Outcome:
    """Return what to keep of a scenario that has just ended."""
    told = [asdict(section) for section in sections]
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return Outcome(scenario, round(seconds, 1), at, _machine(), told, trouble)


def keep(outcomes: Iterable[Outcome], order: Iterable[str]) -> list[Outcome]:
    """Put the outcomes beside those of earlier runs, each in place of its older one."""
    known = {each.scenario: each for each in _kept()}
    known |= {each.scenario: each for each in outcomes}
    whole = [known[name] for name in order if name in known]
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps([asdict(each) for each in whole], indent=1), encoding="utf-8")
    KEPT.with_suffix(".md").write_text("\n".join(figures(whole)) + "\n", encoding="utf-8")
    return whole


def _kept() -> list[Outcome]:
    if not KEPT.exists():
        return []
    return [Outcome(**each) for each in json.loads(KEPT.read_text(encoding="utf-8"))]


def write(path: Path, outcomes: list[Outcome]) -> None:
    """Replace what stands between the markers of a document."""
    before, begins, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not (begins and ends):
        raise ValueError(f"{path} has no lines {BEGIN} and {END}")
    told = "\n".join(figures(outcomes))
    path.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}", encoding="utf-8")


def figures(outcomes: list[Outcome]) -> list[str]:
    """Return the summary, and under it the table of each scenario."""
    machines = sorted({each.machine for each in outcomes})
    lines = [f"Measured on {'; '.join(machines)}.", "", *summary(outcomes), ""]
    for each in outcomes:
        for section in each.sections:
            lines += section["lines"]
    return lines[:-1]


def summary(outcomes: list[Outcome]) -> list[str]:
    """Return one table: each promise, what was measured, and whether it is met."""
    lines = [
        "| scenario | promised | measured | | when | took |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in outcomes:
        when = f"{one.at} | {one.seconds:.0f} s |"
        for section in one.sections:
            for kept in section["promises"]:
                verdict = "met" if kept["met"] else "**not met**"
                told = f"{kept['sentence']} | {kept['measured']} | {verdict}"
                lines.append(f"| {one.scenario} | {told} | {when}")
        if one.trouble:
            lines.append(f"| {one.scenario} | | {one.trouble} | **not measured** | {when}")
    return lines


def _machine() -> str:
    """Describe the machine in general words."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {pages / 2**30:.0f} GiB, {platform.system()},"
        f" Python {platform.python_version()}, commit {commit or 'unknown'}"
    )
