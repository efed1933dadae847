"""The whole running system as a person meets it: the gateway's address, and people who sign in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from deploy.cli.token import Credentials, access_token
from deploy.local import programs
from deploy.local.passwords import keep_passwords
from deploy.local.ports import find_free_ports
from deploy.local.settings import LocalSettings, running_settings
from deploy.local.state import read_state

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90.0
"""How long a stuck test waits before it says so; how fast things are, the bench measures."""

REUSED_SECONDS = 60.0
"""A code of an authenticator app opens once: whoever comes back soon uses their token again."""

T = TypeVar("T")


class Visitor(httpx.Client):
    """A person at the gateway; `api` is the root of the organization's own resources."""

    def __init__(self, url: str, org: str, token: str) -> None:
        super().__init__(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )
        self.org = org

    def at(self, path: str) -> str:
        return f"/api/v1/moa/{self.org}/{path}"

    def act(self, url: str, verb: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Read the record for its ETag, then post the verb."""
        seen = self.get(url)
        assert seen.status_code == 200, seen.text
        match = {"If-Match": seen.headers["ETag"]}
        return self.post(f"{url}/{verb}", json=body, headers=match)


@dataclass
class System:
    """A running stack: gateway address, state folder, demo accounts."""

    url: str
    home: Path
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    is_embedded: bool = True
    tokens: dict[str, tuple[float, str]] = field(default_factory=dict)

    def person(self, role: str, org: str, *, afresh: bool = False) -> Visitor:
        """Sign in through the real code flow as the demo account of a role.

        `afresh` takes a new token: the one that is kept has been revoked, or is not the matter.
        """
        account = self.accounts[f"{role}@{org}"]
        email = account["email"]
        signed_in_at, token = self.tokens.get(email, (0.0, ""))
        if afresh or time.monotonic() - signed_in_at > REUSED_SECONDS:
            person = Credentials(email, account["password"], account.get("totp_secret"))
            token = access_token(self.settings, person, org)
            self.tokens[email] = (time.monotonic(), token)
        return Visitor(self.url, org, token)

    def forget(self, org: str) -> None:
        """Keep no token of an organization whose tokens have all been revoked."""
        for account in self.accounts.values():
            if account["organization"] == org:
                self.tokens.pop(account["email"], None)

    @property
    def settings(self) -> LocalSettings:
        """The settings with which the embedded stack runs."""
        return running_settings({**os.environ, "BMMS_HOME": str(self.home)})

    def port(self, service: str) -> int:
        """Return the loopback port of a service's application."""
        self._only_embedded()
        return self.settings.ports.app(service)

    def admin_url(self, database: str, *, driver: str = "postgresql") -> str:
        """Return the superuser's address of one database."""
        self._only_embedded()
        cluster = programs.cluster(self.settings, keep_passwords(self.home))
        return cluster.admin_url(database, driver=driver)

    def pid(self, name: str) -> int:
        """Return the process id of a part of the stack by its name in `bmms status`."""
        self._only_embedded()
        processes = read_state(self.home)["processes"]
        return int(next(each["pid"] for each in processes if each["name"] == name))

    def kill(self, name: str) -> None:
        """End one of this stack's own processes without warning."""
        os.kill(self.pid(name), signal.SIGKILL)

    def _only_embedded(self) -> None:
        """Skip what looks behind the gateway where processes and databases are out of reach."""
        if not self.is_embedded:
            pytest.skip("looks behind the gateway, which only the embedded stack allows")


def eventually(check: Callable[[], T], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Return what `check` returns as soon as it asserts nothing wrong."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return check()
        except (AssertionError, KeyError, httpx.HTTPError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def local_stack(**settings: str) -> Iterator[System]:
    """Start the embedded stack in a fresh state folder on free ports; stop and remove it."""
    port = find_free_ports().gateway
    with tempfile.TemporaryDirectory(prefix="bmms-stack-") as folder:
        # The database server runs as a user of its own, and must be able to come here.
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        env = {**os.environ, "BMMS_HOME": str(home), "BMMS_PORT": str(port), **settings}
        command = [sys.executable, "-m", "deploy.cli.main"]
        up = [*command, "up", "--detach"]
        started = subprocess.run(up, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
        assert started.returncode == 0, started.stdout + started.stderr
        try:
            yield System(f"http://localhost:{port}", home, read_accounts(home))
        finally:
            subprocess.run([*command, "down"], cwd=ROOT, env=env, check=False, capture_output=True)


def read_accounts(home: Path) -> dict[str, dict[str, str]]:
    """Return the demo accounts by role and organization."""
    accounts = json.loads((home / "demo-accounts.json").read_text())
    return {f"{each['role']}@{each['organization']}": each for each in accounts}
