"""What the operating system knows of processes: alive, how large, and who holds a port."""

from __future__ import annotations

import psutil  # type: ignore[import-untyped]


def born_at(pid: int) -> float | None:
    """Return when a process was started, which with its number names it for good; None if gone."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        born: float = process.create_time()
    except psutil.Error:
        return None
    return born


def is_alive(pid: int, born: float) -> bool:
    """Tell whether the process is still there, and not another that got its number."""
    return born_at(pid) == born


def memory(pid: int, *, family: bool = True) -> int:
    """Return the bytes that a process and its children take; what they share is counted once."""
    try:
        process = psutil.Process(pid)
        members = [process, *(process.children(recursive=True) if family else ())]
    except psutil.Error:
        return 0
    return sum(_own_memory(member) for member in members)


def _own_memory(process: psutil.Process) -> int:
    """Return the proportional size where the system tells it (Linux), else the resident one."""
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    except psutil.Error:
        try:
            return int(process.memory_info().rss)
        except psutil.Error:
            return 0


def holder_of(port: int) -> str:
    """Tell which program listens on a port (`nginx, pid 12`), as far as this user may see."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return f"{psutil.Process(connection.pid).name()}, pid {connection.pid}"
    except (psutil.Error, TypeError):
        return ""
    return ""
