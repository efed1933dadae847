"""What the tests of every service share: real databases, real tokens, and the service contract."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4, uuid5

import httpx
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from libs.tenancy.tokens import PublishedKeys, TokenVerifier

ISSUER = "http://issuer.test"
AUDIENCE = f"{ISSUER}/api"
MODULES = ("mana", "planning", "budgeting", "me", "coordination", "policies")
ROOT = Path(__file__).resolve().parents[2]
_ORGANIZATIONS = UUID("6f1b1f7e-0000-5000-8000-000000000000")


def org_id_of(code: str) -> UUID:
    """Return the same made-up organization id for the same code, everywhere in the tests."""
    return uuid5(_ORGANIZATIONS, code)


@dataclass
class Issuer:
    """An issuer of real tokens with a key pair of its own, and the verifier that trusts it."""

    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"kid": uuid4().hex, "alg": "ES256"})
    )

    def verifier(self) -> TokenVerifier:
        """Return a verifier that fetches this issuer's published keys."""
        published = KeySet([self.key]).as_dict(private=False)
        transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=published))
        keys = PublishedKeys(f"{ISSUER}/jwks", client=httpx.AsyncClient(transport=transport))
        return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys)

    def token(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        """Sign claims; `header` overrides the usual one for tests of bad tokens."""
        usual = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}
        return jwt.encode({**usual, **(header or {})}, claims, self.key, algorithms=["ES256"])


def claims_of(
    org: str,
    *,
    user: UUID | None = None,
    permissions: Iterable[str] = ("*.*.*",),
    modules: Iterable[str] = MODULES,
    **changes: Any,
) -> dict[str, Any]:
    """Return the claims of a good token of a person in `org`."""
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user or uuid7()),
        "client_id": "test",
        "iat": now,
        "exp": now + 300,
        "jti": uuid4().hex,
        "scope": "api",
        "org": str(org_id_of(org)),
        "org_code": org,
        "org_roles": ["staff"],
        "acr": "1",
        "amr": ["pwd"],
        "auth_time": now,
        "sid": uuid4().hex,
        "permissions": list(permissions),
        "modules": list(modules),
        **changes,
    }


@dataclass(frozen=True)
class ServiceDatabase:
    """The addresses of one service's fresh database, one for each role that tests act as."""

    service: str
    admin: str
    app: str
    relay: str
    ro: str

    def settings(self, **changes: str) -> dict[str, str]:
        """Return what a service's Settings take to run on this database."""
        return {
            "database_url": self.app,
            "worker_database_url": self.app,
            "relay_database_url": self.relay,
            "issuer": ISSUER,
            "jwks_url": f"{ISSUER}/oauth2/jwks",
            "log_level": "WARNING",
            **changes,
        }


class Person(httpx.AsyncClient):
    """A client of one application that acts as one person of one organization."""

    def __init__(self, app: FastAPI, issuer: Issuer, org: str, **claims: Any) -> None:
        """Sign a token for the person; `claims` go to `claims_of`."""
        self.claims = claims_of(org, **claims)
        self.user_id = UUID(self.claims["sub"])
        self.org = org
        super().__init__(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://service.test",
            headers={"Authorization": f"Bearer {issuer.token(self.claims)}"},
        )


def migrate(connection: Connection, service: str, revision: str = "head") -> None:
    """Bring a service's schema to `revision` on an open connection."""
    config = Config(str(ROOT / "alembic.ini"), ini_section=service)
    config.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def check_schema(connection: Connection, service: str) -> None:
    """Fail when the models say something that the migrations do not."""
    config = Config(str(ROOT / "alembic.ini"), ini_section=service)
    config.attributes["connection"] = connection
    command.check(config)


class CountedStatements:
    """Counts the SQL statements of an engine within a `with` block; BEGIN and COMMIT are none."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the engine to listen to."""
        self._engine = engine.sync_engine
        self.statements: list[str] = []

    def __enter__(self) -> Self:
        """Begin to count."""
        event.listen(self._engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *failure: object) -> None:
        """Stop counting."""
        event.remove(self._engine, "before_cursor_execute", self._count)

    def _count(self, _c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)
