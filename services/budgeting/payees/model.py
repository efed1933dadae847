"""The registry of payees of one organization (budgeting sheet, section 6.3)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, object_session

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base

SHOWN = 3


class PayeeType(StrEnum):
    """Who is paid."""

    supplier = "supplier"
    contractor = "contractor"
    employee = "employee"
    agency = "agency"
    beneficiary = "beneficiary"
    other = "other"


class PayeeNotFound(NotFound):
    """There is no such payee for this organization."""

    title = "There is no such payee."


class PayeeUnknown(Invalid):
    """What was sent names a payee that is not there."""

    title = "There is no such payee."


class PayeeNotActive(Conflict):
    """Nothing new is owed to a payee that is no longer in use."""

    title = "The payee is no longer in use."


class TinTaken(Conflict):
    """Two payees never share a tax identification number."""

    title = "Another payee has this tax identification number."


class Payee(TenantOwned, Base):
    """Someone or something that an organization pays; personal data, never in events."""

    __tablename__ = "payees"
    __table_args__ = (
        check("payee_type", f"payee_type IN {tuple(PayeeType.__members__)}"),
        check("name", "name ~ '[^[:space:]]'"),
        check("tin", "tin ~ '^([0-9]{9}|[0-9]{12}|[0-9]{14})$'"),
        Index(
            "uq_payees_tin", "org_id", "tin", unique=True, postgresql_where=text("tin IS NOT NULL")
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.payee"

    name: Mapped[str] = mapped_column(Text)
    payee_type: Mapped[str] = mapped_column(Text)
    tin: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool]

    @property
    def shown_tin(self) -> str | None:
        """The tax number for whoever may see it, its last digits for everybody else."""
        if self.tin is None:
            return None
        session = object_session(self)
        actor = session.info.get("actor") if session else None
        if actor is not None and actor.may("budgeting.payee.read_tin"):
            return self.tin
        return "•" * (len(self.tin) - SHOWN) + self.tin[-SHOWN:]

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that are open: a payee is changed, and put out of use, never deleted."""
        return ("change",)

    def check_active(self) -> None:
        """Refuse to owe anything new to a payee that is no longer in use."""
        if not self.is_active:
            raise PayeeNotActive(pointer="/body/payee_id")
