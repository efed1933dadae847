"""The passwords of one state folder: made once, kept in `secrets.json`, readable by its owner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from deploy.local.files import write_private
from deploy.local.postgres import SUPERUSER, new_password
from deploy.local.provision import SERVICES, login_roles
from deploy.local.trouble import CannotStart

SECRETS = "secrets.json"


@dataclass(frozen=True)
class Passwords:
    """Who logs in where with what."""

    postgres: dict[str, str]
    nats: dict[str, str]

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
        nats={service: kept.get("nats", {}).get(service) or new_password() for service in SERVICES},
    )
    wanted = {"postgres": passwords.postgres, "nats": passwords.nats}
    if wanted != kept:
        write_private(path, json.dumps(wanted, indent=2) + "\n")
    return passwords


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
