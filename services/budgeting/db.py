"""Budgeting's declarative base, and the tables that belong to no organization."""

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
    "object_codes": "the government's account codes, the same for all; the app only reads them",
    "capital_thresholds": "a rule of the auditors for all; the app only reads it",
    "endorsement_rules": "which offices speak about which lines, for all; the app only reads it",
    "benchmarks": "how much is to be spent by which quarter, for all; the app only reads it",
    "report_deadlines": "when reports are handed in, for all; the app only reads it",
}
"""Tables without row-level security, each with its reason."""
