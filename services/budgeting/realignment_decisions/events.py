"""What an issuer announces about its decisions on realignments."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.realignment_decisions.model import RealignmentDecision


class RealignmentDecisionIssued(Event):
    """A decision was issued; the organization that it names moves the money, or does not."""

    subject: ClassVar[str] = "budgeting.realignment_decision.issued.v1"

    realignment_decision_id: UUID
    for_org_id: UUID
    realignment_id: UUID
    from_act_item_id: UUID
    to_act_item_id: UUID
    fiscal_year: int
    amount: Money
    verdict: str
    remarks: str

    @classmethod
    def about(cls, decision: RealignmentDecision) -> Self:
        """Return this event for a decision as it now is."""
        names = set(cls.model_fields) - {"realignment_decision_id"}
        told = {name: getattr(decision, name) for name in names}
        return cls(realignment_decision_id=decision.id, **told)
