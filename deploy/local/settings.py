"""Where a stack lives, and what each of its processes is told: the one place that knows both."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.modes import ModeSettings, read_mode
from deploy.local.nats import LISTENERS
from deploy.local.passwords import Passwords
from deploy.local.ports import Ports
from deploy.local.state import read_state
from deploy.local.trouble import EX_CONFIG, CannotStart

ROOT = Path(__file__).resolve().parents[2]
REGISTER = ROOT / "services" / "identity" / "data" / "organizations.csv"
HIGHEST_GATEWAY_PORT = 65_535 - 23

MAIL = ("IDENTITY_SMTP_URL", "IDENTITY_MAIL_FROM", "IDENTITY_SUPPORT_ADDRESS")
"""How letters leave, as the operator says; without a server they are files in `mail`."""

ADMIN_URL = "BMMS_ADMIN_DATABASE_URL"
"""What only the preparation of the databases is told: the superuser's address."""


@dataclass(frozen=True)
class LocalSettings:
    """One stack: its state folder, its ports, its public address, its mode."""

    home: Path
    ports: Ports
    issuer: str
    mode: ModeSettings
    log_level: str = "INFO"
    # Demo accounts are shared by tests and trials; nobody is held up where only those are.
    requests_per_hour: str = "0"
    # Demo accounts have known addresses: nobody outside this machine, unless told so.
    bind: str = "127.0.0.1"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.home / "logs"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is reached from this machine."""
        return f"http://127.0.0.1:{self.ports.gateway}"

    def programs(self, name: str) -> Path:
        """Return the path of a program that the wheels installed beside this Python."""
        program = Path(sys.executable).parent / name
        if not program.exists():
            raise CannotStart(f"{program} is missing: run `make up`, which installs it")
        return program


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the state folder: `BMMS_HOME`, or `.bmms` in the project's own folder."""
    return Path(environment.get("BMMS_HOME") or ROOT / ".bmms").resolve()


def read_settings(environment: Mapping[str, str] = os.environ) -> LocalSettings:
    """Read the settings with which a stack is to be started."""
    port = _port(environment.get("BMMS_PORT") or "8080")
    issuer = (environment.get("BMMS_PUBLIC_URL") or f"http://localhost:{port}").rstrip("/")
    if urlsplit(issuer).scheme not in ("http", "https"):
        raise CannotStart(f"BMMS_PUBLIC_URL={issuer} is not an http address", exit_code=EX_CONFIG)
    limit = "1000" if environment.get("BMMS_ENVIRONMENT") == "production" else "0"
    return LocalSettings(
        home=state_folder(environment),
        ports=Ports(port),
        issuer=issuer,
        mode=read_mode(environment, REGISTER),
        log_level=environment.get("LOG_LEVEL") or "INFO",
        requests_per_hour=environment.get("BMMS_REQUESTS_PER_HOUR") or limit,
        bind=environment.get("BMMS_BIND") or "127.0.0.1",
    )


def running_settings(environment: Mapping[str, str] = os.environ) -> LocalSettings:
    """Return the settings with which the stack of this state folder was started."""
    recorded = read_state(state_folder(environment)).get("settings")
    return read_settings({**environment, **recorded} if recorded else environment)


def service_environment(
    settings: LocalSettings, passwords: Passwords, service: str, *roles: str
) -> dict[str, str]:
    """Return what processes of a service are told, for the roles they play and no other.

    Roles: `app` answers HTTP, `worker` handles events, `command` does an operator's work.
    """
    prefix, ports = service.upper(), settings.ports
    told = {
        **settings.mode.environment(),
        "BMMS_HOME": str(settings.home),
        f"{prefix}_ISSUER": settings.issuer,
        f"{prefix}_JWKS_URL": f"http://127.0.0.1:{ports.app('identity')}/oauth2/jwks",
        f"{prefix}_LOG_LEVEL": settings.log_level,
        f"{prefix}_DATABASE_URL": _database(
            settings, passwords, service, "ro" if service == "ocm" else "app"
        ),
    }
    if service in passwords.sealing:
        told[f"{prefix}_SEALING_KEY"] = passwords.sealing[service]
    if "app" in roles:
        told["BMMS_REQUESTS_PER_HOUR"] = settings.requests_per_hour
    listener = f"{service}_app"
    if "app" in roles and listener in LISTENERS:
        secret = passwords.nats[listener]
        told[f"{prefix}_FEED_URL"] = f"nats://{listener}:{secret}@127.0.0.1:{ports.nats}"
    if "worker" in roles or "command" in roles:
        secret = passwords.nats[service]
        told |= {
            f"{prefix}_WORKER_DATABASE_URL": _database(settings, passwords, service, "app"),
            f"{prefix}_RELAY_DATABASE_URL": _database(settings, passwords, service, "relay"),
            f"{prefix}_NATS_URL": f"nats://{service}:{secret}@127.0.0.1:{ports.nats}",
            f"{prefix}_WORKER_PORT": str(ports.worker(service)),
        }
    if service == "identity" and "worker" in roles:
        told |= {name: os.environ.get(name, "") for name in MAIL}
    if "command" in roles:
        url = _database(settings, passwords, service, "migrator")
        told[f"{prefix}_MIGRATION_DATABASE_URL"] = url
    return told


def inherited_environment() -> dict[str, str]:
    """Return our own environment without what would leak into the processes or slow them down."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # Twelve processes that compile every module anew at each start would take minutes.
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def record(settings: LocalSettings) -> dict[str, str]:
    """Return the settings that a later command needs in order to find this stack."""
    return {
        "BMMS_PORT": str(settings.ports.gateway),
        "BMMS_PUBLIC_URL": settings.issuer,
        **settings.mode.environment(),
    }


def _database(settings: LocalSettings, passwords: Passwords, service: str, role: str) -> str:
    login = f"{service}_{role}"
    where = f"127.0.0.1:{settings.ports.postgres}/bmms_{service}"
    return f"postgresql+asyncpg://{login}:{passwords.postgres[login]}@{where}"


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_GATEWAY_PORT:
        raise CannotStart(
            f"BMMS_PORT={text} is not a port from 1 to {HIGHEST_GATEWAY_PORT}", exit_code=EX_CONFIG
        )
    return int(text)
