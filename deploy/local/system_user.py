"""PostgreSQL refuses to run as root: this chooses the unprivileged user that runs it instead."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from deploy.local.trouble import CannotStart

CANDIDATES = ("bmms", "postgres", "nobody")
"""Made for BMMS, else made for PostgreSQL, else the one every Unix has. None is ever created."""


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that start a process as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class SystemUser:
    """A user of this machine without rights of its own."""

    name: str
    uid: int
    gid: int

    def run_as(self) -> RunAs:
        """Drop root, its group and every supplementary group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Ask the kernel, as that user, whether the path can be entered or executed."""
        # A working directory that the user cannot enter would spoil the answer: start at the root.
        asked = subprocess.run(["test", "-x", str(path)], cwd="/", check=False, **self.run_as())
        return asked.returncode == 0

    def owns(self, path: Path) -> None:
        """Give a folder or file that we made to this user."""
        os.chown(path, self.uid, self.gid)


def server_user() -> SystemUser | None:
    """Return the user that must run the server; None when we are not root and run it ourselves."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return SystemUser(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "PostgreSQL does not run as root and this machine has none of the users "
        f"{', '.join(CANDIDATES)}: run `useradd --system bmms`, or start BMMS as a normal user"
    )
