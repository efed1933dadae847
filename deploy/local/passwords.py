"""The passwords and keys of one state folder: made once, kept in `secrets.json`, for its owner."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.files import write_private
from deploy.local.nats import LOGINS
from deploy.local.postgres import SUPERUSER, new_password
from deploy.local.provision import SERVICES, login_roles
from deploy.local.trouble import CannotStart

SECRETS = "secrets.json"

SEALERS = ("identity",)
"""The services that keep secrets which they must read again."""


@dataclass(frozen=True)
class Passwords:
    """Who logs in where with what, and who seals its secrets with what."""

    postgres: dict[str, str]
    nats: dict[str, str]
    sealing: dict[str, str]

    @property
    def postgres_admin(self) -> str:
        """The superuser's password, which no service process is ever told."""
        return self.postgres[SUPERUSER]


def keep_passwords(home: Path) -> Passwords:
    """Return the passwords of this state folder; make those that are missing."""
    path = home / SECRETS
    kept = _read(path)
    roles = (SUPERUSER, *(role for service in SERVICES for role in login_roles(service)))
    passwords = Passwords(
        postgres={role: kept.get("postgres", {}).get(role) or new_password() for role in roles},
        nats={login: kept.get("nats", {}).get(login) or new_password() for login in LOGINS},
        sealing={service: kept.get("sealing", {}).get(service) or new_key() for service in SEALERS},
    )
    wanted = asdict(passwords)
    if wanted != kept:
        write_private(path, json.dumps(wanted, indent=2) + "\n")
    return passwords


def new_key() -> str:
    """Return 256 random bits in base64, as a sealing key is given."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        kept: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as broken:
        raise CannotStart(
            f"{path} cannot be read ({broken}): remove the state folder to start afresh"
        ) from broken
    return kept
