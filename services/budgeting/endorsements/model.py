"""Endorsements of proposals, and the rules that ask for them (budgeting sheet, 2 and 4.4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.line_items.model import LineItem
from services.budgeting.object_codes.model import full_code
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.proposals.model import Proposal


class Basis(StrEnum):
    """What of a proposal a rule looks at."""

    object_code = "object_code"
    sector = "sector"
    tag = "tag"
    all = "all"


class Word(StrEnum):
    """What an office says."""

    endorsed = "endorsed"
    declined = "declined"


class Standing(StrEnum):
    """How it stands with one office."""

    missing = "missing"
    declined = "declined"
    outdated = "outdated"
    endorsed = "endorsed"


class EndorserNotRequired(Invalid):
    """Nothing in the proposal is this office's matter."""

    title = "Nothing in this proposal needs the word of this office."


class EndorsementsMissing(Conflict):
    """Under a budget call the offices concerned speak before the proposal is submitted."""

    title = "Other offices must endorse the proposal before it is submitted."


class EndorsementRule(Base):
    """Which lines of which years need the word of which office; data of the product.

    `object_code` gives the first digits of a code, `sector` and `tag` a word of the program.
    """

    __tablename__ = "endorsement_rules"
    __table_args__ = (
        check("kind", "kind IN ('endorsement', 'certification')"),
        check("basis", "basis IN ('object_code', 'sector', 'tag', 'all')"),
        check("value", "(basis = 'all') = (value = '')"),
        check("valid", "valid_from <= valid_to"),
    )

    endorser: Mapped[str] = mapped_column(Text, primary_key=True)
    basis: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_to: Mapped[int | None]
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    is_sample: Mapped[bool]

    def concerns(self, program: Program, line: LineItem) -> bool:
        """Tell whether a line of a program is the office's matter."""
        if self.basis == Basis.object_code:
            return full_code(line.object_code).startswith(self.value)
        if self.basis == Basis.sector:
            return program.sector == self.value
        if self.basis == Basis.tag:
            return any(
                tag["tag"] == self.value and Decimal(tag["amount"]) > 0 for tag in program.tags
            )
        return True


class Endorsement(TenantOwned, Base):
    """What an office said, in which document, about which lines; never changed or removed.

    `endorser_org_id` is the organization that said so itself; null of a document recorded here.
    """

    __tablename__ = "endorsements"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals", ondelete="CASCADE"),
        check("decision", "decision IN ('endorsed', 'declined')"),
        check("reference", "document_reference ~ '[^[:space:]]'"),
        check("remarks", "decision = 'endorsed' OR remarks ~ '[^[:space:]]'"),
        check("amount", "covered_amount BETWEEN 0 AND 9999999999999999.99"),
        Index(None, "org_id", "proposal_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.endorsement"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    endorser: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    document_reference: Mapped[str] = mapped_column(Text)
    document_on: Mapped[date] = mapped_column(Date)
    remarks: Mapped[str] = mapped_column(Text)
    covered_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    covered_digest: Mapped[str] = mapped_column(Text)
    endorser_org_id: Mapped[UUID | None] = mapped_column(Uuid)


@dataclass(frozen=True, slots=True)
class Requirement:
    """The word of one office that a proposal needs: about what, and how it stands."""

    endorser: str
    kind: str
    title: str
    is_sample: bool
    programs: list[str]
    amount: Decimal
    digest: str
    standing: Standing
    document_reference: str | None
    endorser_org_id: UUID | None
    lines: list[tuple[Program, LineItem]]


def requirements(
    proposal: Proposal,
    rules: Iterable[EndorsementRule],
    said: Sequence[Endorsement],
) -> list[Requirement]:
    """Derive from the lines and tags which offices must speak; `said` has the oldest first."""
    last = {each.endorser: each for each in said}
    by_endorser: dict[str, list[EndorsementRule]] = {}
    for rule in rules:
        by_endorser.setdefault(rule.endorser, []).append(rule)
    found = []
    for endorser, some in by_endorser.items():
        about = [
            (program, line)
            for program in proposal.programs
            for line in program.line_items
            if any(rule.concerns(program, line) for rule in some)
        ]
        if about:
            found.append(_required(some, about, last.get(endorser)))
    return found


def _required(
    rules: list[EndorsementRule],
    about: list[tuple[Program, LineItem]],
    said: Endorsement | None,
) -> Requirement:
    digest = _digest(about)
    if said is None:
        standing = Standing.missing
    elif said.covered_digest != digest:
        standing = Standing.outdated
    else:
        standing = Standing(said.decision)
    return Requirement(
        endorser=rules[0].endorser,
        kind=rules[0].kind,
        title=rules[0].title,
        is_sample=any(rule.is_sample for rule in rules),
        programs=list(dict.fromkeys(program.title for program, _ in about)),
        amount=sum((line.requested_amount for _, line in about), ZERO),
        digest=digest,
        standing=standing,
        document_reference=None if said is None else said.document_reference,
        endorser_org_id=None if said is None else said.endorser_org_id,
        lines=about,
    )


def _digest(about: list[tuple[Program, LineItem]]) -> str:
    """Return what changes when a line that an office spoke about changes."""
    told: list[Any] = [
        [
            str(program.id),
            program.title,
            program.sector,
            program.tags,
            str(line.id),
            line.expense_class,
            line.object_code,
            line.description,
            f"{line.requested_amount:.2f}",
        ]
        for program, line in sorted(about, key=lambda each: str(each[1].id))
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def check_all_said(required: Sequence[Requirement]) -> None:
    """Refuse while an office has not spoken for what stands in the proposal now."""
    missing = [
        f"{each.title} ({each.standing}; for {', '.join(f'“{title}”' for title in each.programs)})"
        for each in required
        if each.standing != Standing.endorsed
    ]
    if missing:
        raise EndorsementsMissing(
            f"Missing: {'; '.join(missing)}. Record each document under endorsements."
        )
