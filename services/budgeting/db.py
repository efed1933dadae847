"""Budgeting's declarative base, and the table that belongs to no organization."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from libs.outbox.tables import outbox_tables
from libs.tenancy.rows import tenant_metadata


class Base(DeclarativeBase):
    """Base of every table in the budgeting database."""

    metadata = tenant_metadata("budgeting")


outbox_tables(Base.metadata)

GLOBAL_TABLES: dict[str, str] = {
    "known_organizations": "which organizations there are is public: an office that issues for"
    " others names them, and they are written by identity's announcements alone",
}
"""Tables without row-level security, each with its reason."""
