"""Coordination's declarative base, and the table that belongs to no organization."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from libs.outbox.tables import outbox_tables
from libs.tenancy.rows import tenant_metadata


class Base(DeclarativeBase):
    """Base of every table in the coordination database."""

    metadata = tenant_metadata("coordination")


outbox_tables(Base.metadata)

GLOBAL_TABLES: dict[str, str] = {
    "known_organizations": "code and name of every organization are public: whom to invite is"
    " chosen from them, and they are written by identity's announcements alone",
}
"""Tables without row-level security, each with its reason."""
