"""Programs of a proposal: fields, sums and what is granted (budgeting sheet, section 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.funding_sources.model import SOURCES_SQL
from services.budgeting.line_items.model import LARGEST, AmountTooLarge, LineItem

ZERO = Decimal("0.00")


class ProgramNotFound(NotFound):
    """The proposal has no such program."""

    title = "This proposal has no such program."


class RankTaken(Conflict):
    """Two programs of a proposal never have the same rank."""

    title = "Another program of this proposal has this priority rank."


class PpaTaken(Conflict):
    """A PPA is asked for once in a proposal."""

    title = "Another program of this proposal is for this PPA."


class GrantIncomplete(Invalid):
    """An approval by amounts leaves out, repeats or does not know a program or line."""

    title = "Give one amount for every program, or for every line of it."


class GrantAboveRequest(Invalid):
    """More would be granted than was asked for."""

    title = "The approved amount cannot exceed the requested amount."


class GrantNotTotal(Invalid):
    """The lines' approved amounts do not add up to the program's."""

    title = "The approved amounts of the lines must add up to the program's."


@dataclass(frozen=True, slots=True)
class Grant:
    """What an approver gives one program: an amount for it, amounts for its lines, or both."""

    program_id: UUID
    amount: Decimal | None
    lines: list[tuple[UUID, Decimal]] | None


class Program(TenantOwned, Base):
    """A part of a proposal: for which PPA, why, with which outcomes, at which priority."""

    __tablename__ = "programs"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals"),
        UniqueConstraint("org_id", "proposal_id", "priority_rank"),
        UniqueConstraint("org_id", "proposal_id", "ppa_id"),
        check("priority_rank", "priority_rank >= 1"),
        check("requested", "requested_amount BETWEEN 0 AND 9999999999999999.99"),
        check("approved", "approved_amount BETWEEN 0 AND requested_amount"),
        check("funding_source", f"funding_source IN ({SOURCES_SQL})"),
        check("tier", "tier IN (1, 2)"),
        check("prior_year_actual", f"prior_year_actual_amount BETWEEN 0 AND {LARGEST}"),
        check(
            "current_appropriation",
            f"current_year_appropriation_amount BETWEEN 0 AND {LARGEST}",
        ),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    ppa_id: Mapped[UUID | None] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    justification: Mapped[str] = mapped_column(Text)
    expected_outcomes: Mapped[str] = mapped_column(Text)
    alignment: Mapped[str] = mapped_column(Text, default="")
    prexc_code: Mapped[str] = mapped_column(Text, default="")
    location: Mapped[str] = mapped_column(Text, default="")
    beneficiaries: Mapped[str] = mapped_column(Text, default="")
    funding_source: Mapped[str | None] = mapped_column(Text)
    sector: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[int | None]
    is_multi_year: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    goal_id: Mapped[UUID | None] = mapped_column(Uuid)
    assessment_id: Mapped[UUID | None] = mapped_column(Uuid)
    prior_year_actual_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    current_year_appropriation_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    priority_rank: Mapped[int]
    requested_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    approved_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    proposal: Mapped[Any] = relationship("Proposal", lazy="raise", back_populates="programs")
    line_items: Mapped[list[LineItem]] = relationship(
        lazy="raise",
        order_by=LineItem.display_order,
        cascade="all, delete-orphan",
        back_populates="program",
    )

    @property
    def variance_amount(self) -> Decimal | None:
        """Approved less requested; None before approval."""
        return (
            None if self.approved_amount is None else self.approved_amount - self.requested_amount
        )

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return `change` as long as the proposal is open to it."""
        return ("change",) if self.proposal.is_editable else ()

    def missing(self) -> Iterable[str]:
        """Return what submitting demands of this program and it does not have."""
        if not self.line_items:
            yield f"at least one line item of “{self.title}”"
        if not self.justification.strip():
            yield f"justification of “{self.title}”"
        if self.requested_amount != sum(line.requested_amount for line in self.line_items):
            yield f"a sum of “{self.title}” that equals its lines"
        for tag in self.tags or ():
            if Decimal(tag["amount"]) > self.requested_amount:
                yield f"a share for {tag['tag']} within the amount of “{self.title}”"

    def recount(self, pointer: str) -> None:
        """Derive the requested amount from the lines."""
        self.requested_amount = sum((line.requested_amount for line in self.line_items), ZERO)
        if self.requested_amount > LARGEST:
            raise AmountTooLarge("The lines of a program add up to too much.", pointer=pointer)

    def grant_as_requested(self) -> None:
        """Approve every line as it was asked for."""
        for line in self.line_items:
            line.approved_amount = line.requested_amount
        self.approved_amount = self.requested_amount

    def grant(self, grant: Grant, pointer: str) -> None:
        """Approve by line, or the whole, which is then shared over the lines in proportion."""
        if grant.lines is not None:
            self._grant_lines(grant.lines, pointer)
            if grant.amount not in (None, self.approved_amount):
                raise GrantNotTotal(
                    f"The lines make {self.approved_amount}.", pointer=f"{pointer}/approved_amount"
                )
        elif grant.amount is not None:
            self._grant_whole(grant.amount, pointer)
        else:
            raise GrantIncomplete(pointer=f"{pointer}/approved_amount")

    def _grant_lines(self, told: list[tuple[UUID, Decimal]], pointer: str) -> None:
        amounts: Mapping[UUID, Decimal] = dict(told)
        if len(amounts) < len(told) or amounts.keys() != {line.id for line in self.line_items}:
            raise GrantIncomplete(
                f"The program has {len(self.line_items)} lines.", pointer=f"{pointer}/line_items"
            )
        position = {line_id: index for index, (line_id, _) in enumerate(told)}
        for line in self.line_items:
            if amounts[line.id] > line.requested_amount:
                raise GrantAboveRequest(
                    f"{line.requested_amount} was requested.",
                    pointer=f"{pointer}/line_items/{position[line.id]}/approved_amount",
                )
            line.approved_amount = amounts[line.id]
        self.approved_amount = sum(amounts.values(), ZERO)

    def _grant_whole(self, amount: Decimal, pointer: str) -> None:
        if amount > self.requested_amount:
            raise GrantAboveRequest(
                f"{self.requested_amount} was requested.", pointer=f"{pointer}/approved_amount"
            )
        shares = shared(amount, [line.requested_amount for line in self.line_items])
        for line, share in zip(self.line_items, shares, strict=True):
            line.approved_amount = share
        self.approved_amount = amount


def grant_all(programs: Sequence[Program], grants: Sequence[Grant] | None) -> Decimal:
    """Grant every program what it is given, or asked for when no grants are; return the sum."""
    if grants is None:
        for program in programs:
            program.grant_as_requested()
    else:
        by_id = {program.id: program for program in programs}
        if len(grants) != len(by_id) or {grant.program_id for grant in grants} != by_id.keys():
            raise GrantIncomplete(
                f"The proposal has {len(by_id)} programs.", pointer="/body/programs"
            )
        for index, grant in enumerate(grants):
            by_id[grant.program_id].grant(grant, f"/body/programs/{index}")
    return sum((program.approved_amount or ZERO for program in programs), ZERO)


def shared(amount: Decimal, requested: list[Decimal]) -> list[Decimal]:
    """Share an amount in proportion to what was asked for, to the centavo and without a rest.

    Each part gets its centavos rounded down; the centavos left over go to the parts that lost
    the most by that, earlier ones first. No part gets more than it asked for.
    """
    asked = [int(part * 100) for part in requested]
    total, given = sum(asked), int(amount * 100)
    if total == 0:
        return [ZERO for _ in asked]
    shares = [given * part // total for part in asked]
    lost = sorted(range(len(asked)), key=lambda index: -(given * asked[index] % total))
    for index in lost[: given - sum(shares)]:
        shares[index] += 1
    return [Decimal(share).scaleb(-2) for share in shares]
