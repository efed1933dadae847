"""What budgeting announces about alerts; each carries its public state."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime

from libs.outbox.event import Event
from services.budgeting.alerts.model import Alert


class AlertEvent(Event):
    """The public state of an alert; titles and details stay in the organization."""

    alert_id: UUID
    alert_type: str
    severity: str
    subject_type: str
    subject_id: UUID
    raised_at: AwareDatetime
    cleared_at: AwareDatetime | None

    @classmethod
    def about(cls, alert: Alert) -> Self:
        """Return this event for an alert as it now is."""
        return cls(
            alert_id=alert.id,
            alert_type=alert.alert_type,
            severity=alert.severity,
            subject_type=alert.subject_type,
            subject_id=alert.subject_id,
            raised_at=alert.created_at,
            cleared_at=alert.cleared_at,
        )


class AlertRaised(AlertEvent):
    """Something should be looked at, or matters more or less than it did."""

    subject: ClassVar[str] = "budgeting.alert.raised.v1"


class AlertCleared(AlertEvent):
    """What an alert was about is gone."""

    subject: ClassVar[str] = "budgeting.alert.cleared.v1"
