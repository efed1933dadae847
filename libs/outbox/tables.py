"""The tables every service has beside its nouns: outbox, inbox, checkpoints, parked events, keys.

`outbox` is the real log of a service (JetStream is transport): the application may only append
rows of its own organization, the relay alone reads and numbers all of them. `inbox` and
`checkpoints` make a consumer's work exactly-once. They hold no tenant's rows for reading by the
application, so the catalogue test lists them, with the policies below, by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from libs.tenancy.rows import OWN, secure_tenant_table

if TYPE_CHECKING:
    from alembic.operations import Operations

INFRASTRUCTURE_TABLES = {
    "outbox": "append-only log of the service; written per organization, read by the relay alone",
    "inbox": "ids of events already applied; no tenant data",
    "checkpoints": "how far each source's log has been applied; no tenant data",
    "parked_events": "events that could not be applied, kept for an operator; relay role only",
}
"""Tables without a tenant's rows, each with the reason that the catalogue test shows."""


def outbox_tables(metadata: MetaData) -> None:
    """Declare the five tables in the metadata of one service."""
    _outbox(metadata)
    Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("source", Text, nullable=False),
        Column("source_seq", BigInteger, nullable=False),
        Column("traceparent", Text, nullable=False),
        Column("applied_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Index(None, "source", "source_seq", unique=True),
    )
    Table(
        "checkpoints",
        metadata,
        Column("source", Text, primary_key=True),
        Column("applied_seq", BigInteger, nullable=False, server_default=text("0")),
        Column("head_seq", BigInteger, nullable=False, server_default=text("0")),
        Column("confirmed_at", DateTime(timezone=True)),
        Column("last_event_at", DateTime(timezone=True)),
    )
    Table(
        "parked_events",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("envelope", JSONB, nullable=False),
        Column("reason", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    _idempotency_keys(metadata)


def _idempotency_keys(metadata: MetaData) -> None:
    Table(
        "idempotency_keys",
        metadata,
        Column("org_id", Uuid, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_hash", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Index(None, "org_id", "created_at"),
    )


def _outbox(metadata: MetaData) -> None:
    Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("org_id", Uuid, nullable=False),
        Column("actor_id", Uuid, nullable=False),
        Column("subject", Text, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("aggregate_version", Integer, nullable=False),
        Column("data", JSONB, nullable=False),
        Column("traceparent", Text, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Column("source_seq", BigInteger, unique=True),
        Column("sent_at", DateTime(timezone=True)),
        Column("stream_seq", BigInteger),
        Index("ix_outbox_unnumbered", "position", postgresql_where=text("source_seq IS NULL")),
        Index(
            "ix_outbox_unsent",
            "source_seq",
            postgresql_where=text("sent_at IS NULL AND source_seq IS NOT NULL"),
        ),
        implicit_returning=False,  # whoever may append may not read, not even its own row back
    )


def create_outbox_tables(op: Operations) -> None:
    """Create and close the five tables; the first migration of each service calls this."""
    service = str(op.get_context().version_table_schema)
    metadata = MetaData(schema=service, naming_convention=_naming(op))
    outbox_tables(metadata)
    metadata.create_all(op.get_bind())
    secure_tenant_table(op, "idempotency_keys")
    for table in INFRASTRUCTURE_TABLES:
        op.execute(f"ALTER TABLE {service}.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {service}.{table} FORCE ROW LEVEL SECURITY")
    app, relay, ro = (f"{service}_{role}" for role in ("app", "relay", "ro"))
    for table, name, grantee, verbs, policy in (
        ("outbox", "append", app, "INSERT", f"FOR INSERT TO {app} WITH CHECK ({OWN})"),
        ("outbox", "relay", relay, _NUMBER, f"TO {relay} {_ALL}"),
        ("inbox", "worker", app, "SELECT, INSERT", f"TO {app} {_ALL}"),
        ("checkpoints", "worker", app, "SELECT, INSERT, UPDATE", f"TO {app} {_ALL}"),
        ("checkpoints", "freshness", ro, "SELECT", f"FOR SELECT TO {ro} USING (true)"),
        ("parked_events", "park", app, "INSERT", f"FOR INSERT TO {app} WITH CHECK (true)"),
        ("parked_events", "operator", relay, "SELECT, DELETE", f"TO {relay} {_ALL}"),
    ):
        op.execute(f"CREATE POLICY {name} ON {service}.{table} {policy}")
        op.execute(f"GRANT {verbs} ON {service}.{table} TO {grantee}")


_ALL = "USING (true) WITH CHECK (true)"
_NUMBER = "SELECT, UPDATE (source_seq, sent_at, stream_seq)"


def let_relay_expire(op: Operations) -> None:
    """Let the relay clear away what is over of every organization (ADR 0021), and nothing younger.

    Of the answers to keys it sees when and whose, never what was answered.
    """
    service = str(op.get_context().version_table_schema)
    relay = f"{service}_relay"
    for table, verbs, policy in (
        ("inbox", "SELECT, DELETE", _ALL),
        ("checkpoints", "SELECT", _ALL),
        ("idempotency_keys", "SELECT (org_id, key, created_at), DELETE", _DAY_OLD),
    ):
        op.execute(f"CREATE POLICY expiry ON {service}.{table} TO {relay} {policy}")
        op.execute(f"GRANT {verbs} ON {service}.{table} TO {relay}")


_DAY_OLD = "USING (created_at < now() - interval '24 hours')"


def keep_relay_from_expiring(op: Operations) -> None:
    """Take it back; for the way down."""
    service = str(op.get_context().version_table_schema)
    for table in ("inbox", "checkpoints", "idempotency_keys"):
        op.execute(f"DROP POLICY expiry ON {service}.{table}")
        op.execute(f"REVOKE ALL ON {service}.{table} FROM {service}_relay")


def drop_outbox_tables(op: Operations) -> None:
    """Drop the five tables; for the way down of the first migration."""
    for table in (*INFRASTRUCTURE_TABLES, "idempotency_keys"):
        op.drop_table(table, schema=str(op.get_context().version_table_schema))


def _naming(op: Operations) -> dict[str, str]:
    target = op.get_context().opts.get("target_metadata")
    return dict(target.naming_convention) if target is not None else {}
