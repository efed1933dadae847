"""The table of what runs, and the addresses to open: the end of every start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy.local.running import is_alive, memory
from deploy.local.settings import LocalSettings
from deploy.local.state import read_state

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Row:
    """One process as it is now."""

    name: str
    port: int
    pid: int | None
    megabytes: int
    restarts: int
    is_alive: bool


def rows(home: Path) -> list[Row]:
    """Return every process that the supervisor keeps, and the supervisor itself."""
    state = read_state(home)
    if not state:
        return []
    own = {"name": "supervisor", "port": 0, "pid": state["pid"], "born": state["born"]}
    return [
        Row(
            name=each["name"],
            port=each["port"],
            pid=each["pid"],
            # The supervisor's children have rows of their own.
            megabytes=memory(each["pid"], family=each is not own) // MEBIBYTE,
            restarts=each.get("restarts", 0),
            is_alive=is_alive(each["pid"], each["born"]),
        )
        for each in (*state["processes"], own)
        if each["pid"]
    ]


def show(settings: LocalSettings) -> str:
    """Return the table and the addresses as text."""
    lines = [f"{'name':<20}{'port':>7}{'pid':>9}{'MiB':>7}  restarts"]
    found = rows(settings.home)
    lines += [
        f"{row.name:<20}{row.port or '':>7}{row.pid:>9}{row.megabytes:>7}"
        f"  {row.restarts if row.is_alive else 'down'}"
        for row in found
    ]
    lines.append(f"{'together':<20}{'':>7}{'':>9}{sum(row.megabytes for row in found):>7}")
    lines += [
        "",
        f"  start here      {settings.issuer}/",
        f"  the API         {settings.issuer}/api/docs",
        f"  demo accounts   {settings.home / 'demo-accounts.json'}",
        f"  logs            {settings.logs}",
    ]
    return "\n".join(lines)
