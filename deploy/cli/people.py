"""Requests through the gateway, as the people of the demo accounts."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Self

import httpx

from deploy.cli.token import Credentials, access_token, browser_for
from deploy.local.settings import LocalSettings
from deploy.local.trouble import CannotStart


class Gateway:
    """The gateway of a stack, and whoever may be asked to act through it."""

    def __init__(self, settings: LocalSettings) -> None:
        """Sign nobody in yet."""
        self.settings = settings
        self.anyone = browser_for(settings)
        self._signed_in: dict[str, httpx.Client] = {}

    def __enter__(self) -> Self:
        """Hand itself out."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close every connection."""
        for client in (self.anyone, *self._signed_in.values()):
            client.close()

    def person(self, role: str, organization: str | None = None) -> httpx.Client:
        """Return a client signed in as the demo account of a role (in an organization)."""
        account = self._account(role, organization)
        email = account["email"]
        if email not in self._signed_in:
            person = Credentials(email, account["password"], account.get("totp_secret"))
            token = access_token(self.settings, person)
            self._signed_in[email] = browser_for(self.settings, Authorization=f"Bearer {token}")
        return self._signed_in[email]

    def _account(self, role: str, organization: str | None) -> dict[str, str]:
        path = self.settings.home / "demo-accounts.json"
        try:
            accounts: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as missing:
            raise CannotStart(f"there is no {path}: the first `make up` writes it") from missing
        for account in accounts:
            if account["role"] == role and organization in (None, account["organization"]):
                return account
        raise CannotStart(f"{path} has no account of {role} {organization or ''}".rstrip())
