"""What the tests of every service share: real databases, real tokens, and the service contract."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID, uuid4, uuid5

import httpx
import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.problems import PROBLEM, Problem
from libs.outbox.event import Event
from libs.refusals import NotFound, Refusal
from libs.tenancy.actor import Actor
from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenVerifier

ISSUER = "http://issuer.test"
AUDIENCE = f"{ISSUER}/api"
SEALING_KEY = base64.b64encode(bytes(32)).decode("ascii")
"""The key with which tests seal what is secret: nothing of theirs is."""

MODULES = ("mana", "planning", "budgeting", "me", "coordination", "policies")
ROOT = Path(__file__).resolve().parents[2]
_NAMESPACE = UUID("6f1b1f7e-0000-5000-8000-000000000000")

T = TypeVar("T")


def org_id_of(code: str) -> UUID:
    """Return the same made-up organization id for the same code, everywhere in the tests."""
    return uuid5(_NAMESPACE, code)


@dataclass
class Issuer:
    """An issuer of real tokens with a key pair of its own, and the verifier that trusts it."""

    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"kid": uuid4().hex, "alg": "ES256"})
    )

    def verifier(self) -> TokenVerifier:
        """Return a verifier that fetches this issuer's published keys; `denied` is fed by tests."""
        published = KeySet([self.key]).as_dict(private=False)
        transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=published))
        keys = PublishedKeys(f"{ISSUER}/jwks", client=httpx.AsyncClient(transport=transport))
        return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, denied=DenySet.complete())

    def token(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        """Sign claims; `header` overrides the usual one for tests of bad tokens."""
        usual = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}
        return jwt.encode({**usual, **(header or {})}, claims, self.key, algorithms=["ES256"])


def claims_of(
    org: str,
    /,
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
            "sealing_key": SEALING_KEY,
            "log_level": "WARNING",
            "requests_per_hour": "0",
            **changes,
        }


class Person(httpx.AsyncClient):
    """A client of one application that acts as one person of one organization."""

    def __init__(self, app: FastAPI, issuer: Issuer, org: str, **claims: Any) -> None:
        """Sign a token for the person; `claims` go to `claims_of`."""
        self._app, self._issuer = app, issuer
        self.claims = claims_of(org, **claims)
        self.user_id = UUID(self.claims["sub"])
        self.org = org
        super().__init__(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://service.test",
            headers={"Authorization": f"Bearer {issuer.token(self.claims)}"},
        )

    def another(self) -> Person:
        """Return a second person of the same organization, with all rights."""
        return Person(self._app, self._issuer, self.org)


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


class ServiceContract:
    """What every service keeps, for three lines of its own: `class TestPlanning(ServiceContract)`.

    `writes` is False for a service whose application only reads.
    """

    service: ClassVar[str]
    writes: ClassVar[bool] = True

    async def test_it_is_live_and_ready(self, person: Callable[..., Person]) -> None:
        """Health needs no token, and readiness asks the database."""
        nobody = _without_token(person())
        for word in ("live", "ready"):
            answer = await nobody.get(f"/api/v1/{self.service}/health/{word}")
            assert answer.status_code == 200, answer.text
            told = {"status": word, "service": self.service}
            assert told.items() <= answer.json().items()

    async def test_it_is_not_ready_without_its_database(
        self, app: FastAPI, person: Callable[..., Person]
    ) -> None:
        """A database out of reach is 503, and the process stays live."""
        app.state.database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
        nobody = _without_token(person())
        ready = await nobody.get(f"/api/v1/{self.service}/health/ready")
        assert (ready.status_code, ready.headers["content-type"]) == (503, PROBLEM)
        assert (await nobody.get(f"/api/v1/{self.service}/health/live")).status_code == 200

    async def test_an_unknown_address_is_a_problem(self, person: Callable[..., Person]) -> None:
        """Nothing there is said in the one form of every refusal."""
        answer = await person().get(f"/api/v1/{self.service}/no-such-thing")
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
        assert Problem.model_validate(answer.json()).code == "no_such_address"

    async def test_nothing_is_told_without_a_token(
        self, app: FastAPI, person: Callable[..., Person]
    ) -> None:
        """Every operation that is not public answers 401 with the challenge of RFC 6750."""
        nobody = _without_token(person())
        for path, operations in app.openapi()["paths"].items():
            for method, operation in operations.items():
                if operation.get("security"):
                    url = re.sub(r"{(\w+)}", str(uuid4()), path)
                    answer = await nobody.request(method, url)
                    assert answer.status_code == 401, operation["operationId"]
                    assert answer.headers["content-type"] == PROBLEM
                    assert answer.headers["www-authenticate"].startswith("Bearer")

    async def test_row_and_event_stand_or_fall_together(
        self, app: FastAPI, database: ServiceDatabase
    ) -> None:
        """A rolled back unit of work leaves no event, a committed one leaves it."""
        if not self.writes:
            with pytest.raises(DBAPIError):
                await self._announce(app)
            assert await self._announced(database) == 0
            return
        with pytest.raises(NotFound):
            await self._announce(app, refusal=NotFound())
        assert await self._announced(database) == 0
        await self._announce(app)
        assert await self._announced(database) == 1

    async def _announce(self, app: FastAPI, refusal: Refusal | None = None) -> None:
        metadata = import_module(f"services.{self.service}.db").Base.metadata
        row: Any = SimpleNamespace(id=uuid4(), version=1, metadata=metadata)
        opened: Database = app.state.database
        async with opened.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
            uow.publish(_Announced(), of=row)
            await uow.flush()
            if refusal:
                raise refusal

    async def _announced(self, database: ServiceDatabase) -> int:
        def count(connection: Connection) -> int:
            ours = text(f"SELECT count(*) FROM {self.service}.outbox WHERE subject = :subject")
            return int(connection.scalar(ours, {"subject": _Announced.subject}) or 0)

        return await _as_administrator(database, count)

    async def test_the_migrations_lead_up_and_down(self, database: ServiceDatabase) -> None:
        """Down to nothing, up again, and then the models say what the database says."""

        def there_and_back(connection: Connection) -> None:
            migrate(connection, self.service, "base")
            assert inspect(connection).get_table_names(self.service) == ["alembic_version"]
            migrate(connection, self.service)
            check_schema(connection, self.service)

        await _as_administrator(database, there_and_back)


class _Announced(Event):
    subject = "test.test.announced.v1"


def _without_token(client: Person) -> Person:
    del client.headers["Authorization"]
    return client


async def _as_administrator(database: ServiceDatabase, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine(database.admin, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
