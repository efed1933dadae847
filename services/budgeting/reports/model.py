"""Frozen reports: what was told, as of when, by whom, and how to know it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.report_figures.model import Grouping, Question, ReportKind


class Capacity(StrEnum):
    """As what somebody signs a report; who submits it hands it in."""

    budget_officer = "budget_officer"
    chief_accountant = "chief_accountant"
    head = "head"
    submitter = "submitter"


VERBS = {
    Capacity.budget_officer: "certify_budget",
    Capacity.chief_accountant: "certify_accounts",
    Capacity.head: "approve",
    Capacity.submitter: "submit",
}
CERTIFIERS = frozenset({Capacity.budget_officer, Capacity.chief_accountant})


class ReportNotFound(NotFound):
    """There is no such report of this organization."""

    title = "There is no such report."


class AsOfInFuture(Invalid):
    """Nobody knows the ledger of a day to come."""

    title = "A report is of a day that has begun."


class FileOfNoReport(Invalid):
    """The file carries no hash of a report of this organization."""

    title = "This is no file of a report of this organization."


class ReportSigned(Conflict):
    """A capacity signs a report once."""

    title = "The report is signed in this capacity already."


class ReportNotCertified(Conflict):
    """The head approves what the budget officer and the chief accountant have certified."""

    title = "The budget officer and the chief accountant must certify the report first."


class ReportNotApproved(Conflict):
    """What is handed in has been approved."""

    title = "The head must approve the report before it is submitted."


class SignerTwice(Forbidden):
    """Two certify and a third approves; who made the report does not approve it."""

    title = "Someone else must sign here: you made the report or signed it already."


class SubmittedInFuture(Invalid):
    """It is handed in on a day that has come, and not before the day it tells of."""

    title = "A report is submitted on a day up to today, and not before the day it is of."


class Report(TenantOwned, Base):
    """The figures that one question had at one instant; generating again makes a new version."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("org_id", "kind", "fiscal_year", "number"),
        check("kind", f"kind IN {tuple(ReportKind.__members__)}"),
        check("number", "number >= 1"),
        check("hash", "content_hash ~ '^[0-9a-f]{64}$'"),
        Index(None, "org_id", "content_hash"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.report"

    kind: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    number: Mapped[int]
    as_of: Mapped[date]
    known_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    group_by: Mapped[str] = mapped_column(Text)
    organization: Mapped[str] = mapped_column(Text)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(Text)
    signatures: Mapped[list[ReportSignature]] = relationship(
        lazy="raise", order_by="ReportSignature.created_at"
    )

    @property
    def quarter(self) -> int:
        """The quarter of the fiscal year that the day is in; after the year, the last."""
        if self.as_of.year != self.fiscal_year:
            return 1 if self.as_of.year < self.fiscal_year else 4
        return (self.as_of.month + 2) // 3

    @property
    def state(self) -> str:
        """How far it has come: made, certified, approved, submitted."""
        signed = {each.capacity for each in self.signatures}
        if Capacity.submitter in signed:
            return "submitted"
        if Capacity.head in signed:
            return "approved"
        return "certified" if signed >= CERTIFIERS else "made"

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; nobody signs twice."""
        for capacity, verb in VERBS.items():
            if self._obstacle(capacity, by=actor.user_id) is None:
                yield verb

    def check_signable(self, capacity: Capacity, *, by: UUID) -> None:
        """Refuse a signature that comes too early, a second time, or from the same person."""
        obstacle = self._obstacle(capacity, by=by)
        if obstacle is not None:
            raise obstacle

    def _obstacle(self, capacity: Capacity, *, by: UUID) -> Conflict | Forbidden | None:
        signed: Collection[str] = {each.capacity for each in self.signatures}
        if capacity in signed:
            return ReportSigned()
        if capacity == Capacity.submitter:
            return None if Capacity.head in signed else ReportNotApproved()
        if capacity == Capacity.head and not CERTIFIERS.issubset(signed):
            return ReportNotCertified()
        made_it = capacity == Capacity.head and by == self.author
        if made_it or by in {each.created_by for each in self.signatures}:
            return SignerTwice()
        return None

    @property
    def question(self) -> Question:
        """What the ledger was asked."""
        return Question(
            kind=ReportKind(self.kind),
            fiscal_year=self.fiscal_year,
            as_of=self.as_of,
            known_at=self.known_at,
            group_by=Grouping(self.group_by),
            organization=self.organization,
        )

    @property
    def author(self) -> UUID:
        """Who made it."""
        return self.created_by


class ReportSignature(TenantOwned, Base):
    """That somebody certified, approved or handed in a report, under which name; kept for good."""

    __tablename__ = "report_signatures"
    __table_args__ = (
        tenant_fk("report_id", "budgeting.reports"),
        UniqueConstraint("org_id", "report_id", "capacity"),
        check("capacity", f"capacity IN {tuple(Capacity.__members__)}"),
        check("name", "name ~ '[^[:space:]]'"),
        check("position", "position ~ '[^[:space:]]'"),
        Index(
            "uq_report_signatures_signer",
            "org_id",
            "report_id",
            "created_by",
            unique=True,
            postgresql_where=text("capacity <> 'submitter'"),
        ),
    )
    noun: ClassVar[str] = "budgeting.report"

    report_id: Mapped[UUID] = mapped_column(Uuid)
    capacity: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[str] = mapped_column(Text)
    signed_on: Mapped[date]
