"""The PostgreSQL cluster: made once, configured at every start, run as an ordinary child."""

from __future__ import annotations

import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local.placement import Placement
from deploy.local.system_user import RunAs
from deploy.local.trouble import CannotStart

SUPERUSER = "bmms_admin"

# A Unix socket's path is limited to 107 bytes by the kernel's `sockaddr_un`.
LONGEST_SOCKET_PATH = 107

SETTINGS: dict[str, str] = {
    "max_connections": "150",
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "512MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "huge_pages": "off",
    "jit": "off",
    # Few cores and small tables: parallel workers would cost more memory than they save time.
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    # A relay or a session that hangs inside a transaction would otherwise stop vacuum for ever.
    "idle_in_transaction_session_timeout": "60s",
}

FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    # Its passwords are random and short-lived: slowness would protect nothing.
    "scram_iterations": "1",
}
"""For a cluster whose data nobody will miss: tests."""

# A generated password for every role, on the socket too: also a laptop has other users.
HBA = """\
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL server: where it lives, where it listens and who may do everything in it."""

    placement: Placement
    port: int
    password: str
    durable: bool = True

    def prepare(self) -> None:
        """Create the cluster if there is none; refuse one that another version made."""
        data = self.placement.data
        if not data.exists():
            self._create()
        elif self._version_of(data) != self._version_of_server():
            raise CannotStart(
                f"the data in {data} was made by PostgreSQL {self._version_of(data)} and this is "
                f"{self._version_of_server()}: remove the state folder to start afresh, "
                "or install the version that made it"
            )
        self._configure()

    def command(self) -> list[str]:
        """Return the command line of the server."""
        # The configuration lies outside the data: the server may read it and not change it.
        settings = f"config_file={self.placement.folder / 'postgresql.conf'}"
        server = str(self.placement.binaries / "postgres")
        return [server, "-D", str(self.placement.data), "-c", settings]

    def probe(self) -> list[str]:
        """Return a command that succeeds as soon as the server answers."""
        where = ["-h", "127.0.0.1", "-p", str(self.port)]
        return [str(self.placement.binaries / "pg_isready"), "-q", *where]

    def run_as(self) -> RunAs:
        """Return the user that the server must run as, in the terms of `subprocess`."""
        return self.placement.user.run_as() if self.placement.user else {}

    def admin_url(self, database: str = "postgres", *, driver: str = "postgresql") -> str:
        """Return the superuser's address of one database (`postgresql+asyncpg` for SQLAlchemy)."""
        return self.url(SUPERUSER, self.password, database, driver=driver)

    def url(self, role: str, password: str, database: str, *, driver: str = "postgresql") -> str:
        """Return a role's address of one database."""
        return f"{driver}://{role}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def _create(self) -> None:
        """Run `initdb` beside the final place, so that an interrupted one never looks whole."""
        placement = self.placement
        unfinished = placement.private_folder("data.unfinished", afresh=True)
        password_file = placement.private_file("password", self.password)
        command = [
            *(str(placement.binaries / "initdb"), "-D", str(unfinished), "-U", SUPERUSER),
            *("--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8"),
            # The same order of text on every machine, whatever its system locales are.
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            "--no-instructions",
            *(() if self.durable else ("--no-sync",)),
        ]
        made = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, **self.run_as()
        )
        password_file.unlink()
        if made.returncode != 0:
            told = (made.stderr.strip() or made.stdout.strip()).splitlines()[-1:]
            raise CannotStart(
                f"PostgreSQL could not make a cluster in {placement.folder}: {' '.join(told)}"
            )
        unfinished.rename(placement.data)

    def _configure(self) -> None:
        """Write the whole configuration, so that what is in the file is what is meant here."""
        folder = self.placement.folder
        socket = self.placement.private_folder("socket")
        fits = len(f"{socket}/.s.PGSQL.{self.port}".encode()) <= LONGEST_SOCKET_PATH
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "hba_file": str(folder / "pg_hba.conf"),
            "unix_socket_directories": str(socket) if fits else "",
            **SETTINGS,
            **({} if self.durable else FORGETFUL),
        }
        quoted = {name: value.replace("'", "''") for name, value in settings.items()}
        lines = "".join(f"{name} = '{value}'\n" for name, value in quoted.items())
        for name, text in (("postgresql.conf", lines), ("pg_hba.conf", HBA)):
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o644)

    def _version_of(self, data: Path) -> str:
        """Read the major version that made a data directory."""
        try:
            return (data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except OSError as missing:
            raise CannotStart(
                f"{data} holds no PostgreSQL data: remove the state folder to start afresh"
            ) from missing

    def _version_of_server(self) -> str:
        """Ask the server for its own major version: `postgres (PostgreSQL) 18.6` is 18."""
        told = subprocess.run(
            [str(self.placement.binaries / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout.split()[2].split(".")[0]


def new_password() -> str:
    """Make a password that no person ever types: 192 random bits, safe inside an address."""
    return secrets.token_urlsafe(24)
