"""Ocm's declarative base: its schema, its naming convention, its outbox."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from libs.outbox.tables import outbox_tables
from libs.tenancy.rows import tenant_metadata


class Base(DeclarativeBase):
    """Base of every table in the ocm database."""

    metadata = tenant_metadata("ocm")


outbox_tables(Base.metadata)
