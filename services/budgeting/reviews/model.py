"""Reviews of submissions: fields, states and who decides (budgeting sheet, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base
from services.budgeting.programs.model import Grant, shared


class ReviewStatus(StrEnum):
    """States of a review."""

    open = "open"
    recommended = "recommended"
    returned = "returned"
    approved = "approved"
    rejected = "rejected"


PENDING = (ReviewStatus.open, ReviewStatus.recommended)


class ReviewNotFound(NotFound):
    """There is no such review of this organization."""

    title = "There is no such review."


class ReviewExists(Conflict):
    """A submission is reviewed once."""

    title = "There is a review of this submission already."


class ReviewNotPending(Conflict):
    """It was returned or decided."""

    title = "Only a review that is open or recommended can be changed."


class ReviewNotRecommended(Conflict):
    """A decision needs recommended amounts."""

    title = "Only a review with recommended amounts can be approved or rejected."


class SubmissionOutdated(Conflict):
    """The submission was withdrawn, or a later revision stands in its place."""

    title = "This submission does not stand any more."


class RecommenderMayNotDecide(Forbidden):
    """Who opened a review or recommended amounts never decides it."""

    title = "Someone other than its reviewers must approve or reject it."


class RecommendationIncomplete(Invalid):
    """A recommendation leaves out, repeats or does not know a program or line."""

    title = "Recommend one amount for every program, and for every line when lines are given."


class RecommendationAboveRequest(Invalid):
    """More is recommended than was asked for."""

    title = "The recommended amount cannot exceed the requested amount."


class RecommendationNotTotal(Invalid):
    """The lines' recommended amounts do not add up to the program's."""

    title = "The recommended amounts of the lines must add up to the program's."


class Review(TenantOwned, Base):
    """The issuer's work on one submission: amounts for every program, remarks, the decision."""

    __tablename__ = "reviews"
    __table_args__ = (
        ForeignKeyConstraint(
            ["submission_org_id", "submission_id", "org_id"],
            [
                "budgeting.submissions.org_id",
                "budgeting.submissions.id",
                "budgeting.submissions.reviewer_org_id",
            ],
        ),
        UniqueConstraint("org_id", "submission_org_id", "submission_id"),
        check("status", "status IN ('open', 'recommended', 'returned', 'approved', 'rejected')"),
        check("recommended", "recommended_amount BETWEEN 0 AND requested_amount"),
        check(
            "recommended_known",
            "status NOT IN ('recommended', 'approved', 'rejected')"
            " OR recommended_by IS NOT NULL AND recommended_amount IS NOT NULL",
        ),
        check("decided", "(decided_at IS NULL) = (decided_by IS NULL)"),
        check("decided_known", "(status IN ('approved', 'rejected')) = (decided_at IS NOT NULL)"),
        check("decider", "decided_by <> created_by AND decided_by <> recommended_by"),
        check(
            "remarks_given", "status NOT IN ('returned', 'rejected') OR remarks ~ '[^[:space:]]'"
        ),
        Index(None, "org_id", "budget_call_id", "status"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.review"

    submission_org_id: Mapped[UUID] = mapped_column(Uuid)
    submission_id: Mapped[UUID] = mapped_column(Uuid)
    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    revision: Mapped[int]
    budget_call_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    programs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    requested_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    recommended_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    recommended_by: Mapped[UUID | None] = mapped_column(Uuid)
    recommended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; its reviewers never decide."""
        if self.status in PENDING:
            yield from ("recommend", "return")
        if self.status == ReviewStatus.recommended and actor.user_id not in self._reviewers:
            yield from ("approve", "reject")

    @property
    def approved_amount(self) -> Decimal | None:
        """What the decision gives in all; null without an approval."""
        return self.recommended_amount if self.status == ReviewStatus.approved else None

    @property
    def _reviewers(self) -> tuple[UUID | None, ...]:
        return (self.created_by, self.recommended_by)

    def check_pending(self) -> None:
        """Refuse to touch what was returned or decided."""
        if self.status not in PENDING:
            raise ReviewNotPending(f"It is {self.status}.")

    def recommend(self, *, by: UUID, at: datetime, remarks: str) -> None:
        """Note whose recommendation the amounts are; they may be replaced until the decision."""
        self.check_pending()
        self.status = ReviewStatus.recommended
        self.remarks = remarks
        self.recommended_by, self.recommended_at = by, at

    def return_(self, *, remarks: str) -> None:
        """Give the submission back; its organization may submit another revision."""
        self.check_pending()
        self.status, self.remarks = ReviewStatus.returned, remarks

    def decide(self, status: ReviewStatus, *, by: UUID, at: datetime, remarks: str) -> None:
        """Settle the review for good, by someone who did not work on it."""
        self.check_pending()
        if self.status != ReviewStatus.recommended:
            raise ReviewNotRecommended(f"It is {self.status}.")
        if by in self._reviewers:
            raise RecommenderMayNotDecide
        self.status, self.remarks = status, remarks or self.remarks
        self.decided_by, self.decided_at = by, at


def recommend_amounts(
    content: dict[str, Any], told: Sequence[Grant] | None
) -> list[dict[str, Any]]:
    """Return an amount for every program and line of a submission, as requested or as told."""
    asked: dict[str, dict[str, Any]] = {each["id"]: each for each in content["programs"]}
    if told is None:
        told = [
            Grant(UUID(program_id), Decimal(each["requested_amount"]), None)
            for program_id, each in asked.items()
        ]
    if len(told) != len(asked) or {str(each.program_id) for each in told} != asked.keys():
        raise RecommendationIncomplete(
            f"The submission has {len(asked)} programs.", pointer="/body/programs"
        )
    return [
        _recommended(asked[str(each.program_id)], each, f"/body/programs/{index}")
        for index, each in enumerate(told)
    ]


def _recommended(program: dict[str, Any], told: Grant, pointer: str) -> dict[str, Any]:
    lines = program["line_items"]
    requested = [Decimal(line["requested_amount"]) for line in lines]
    if told.lines is not None:
        amounts = _by_line(lines, told.lines, pointer)
        if told.amount not in (None, sum(amounts)):
            raise RecommendationNotTotal(
                f"The lines make {sum(amounts)}.", pointer=f"{pointer}/recommended_amount"
            )
    elif told.amount is None:
        raise RecommendationIncomplete(pointer=f"{pointer}/recommended_amount")
    elif told.amount > Decimal(program["requested_amount"]):
        raise RecommendationAboveRequest(
            f"{program['requested_amount']} was requested.", pointer=f"{pointer}/recommended_amount"
        )
    else:
        amounts = shared(told.amount, requested)
    return {
        "program_id": program["id"],
        "title": program["title"],
        "requested_amount": program["requested_amount"],
        "recommended_amount": f"{sum(amounts, Decimal('0.00')):.2f}",
        "line_items": [
            {
                "line_item_id": line["id"],
                "requested_amount": line["requested_amount"],
                "recommended_amount": f"{amount:.2f}",
            }
            for line, amount in zip(lines, amounts, strict=True)
        ],
    }


def _by_line(
    lines: list[dict[str, Any]], told: list[tuple[UUID, Decimal]], pointer: str
) -> list[Decimal]:
    amounts = {str(line_id): amount for line_id, amount in told}
    if len(amounts) < len(told) or amounts.keys() != {line["id"] for line in lines}:
        raise RecommendationIncomplete(
            f"The program has {len(lines)} lines.", pointer=f"{pointer}/line_items"
        )
    for line in lines:
        if amounts[line["id"]] > Decimal(line["requested_amount"]):
            raise RecommendationAboveRequest(
                f"{line['requested_amount']} was requested for a line.",
                pointer=f"{pointer}/line_items",
            )
    return [amounts[line["id"]] for line in lines]
