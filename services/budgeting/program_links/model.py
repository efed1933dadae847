"""Which links a program may have, and the refusals of those that lead nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from libs.refusals import Invalid


class PpaUnknown(Invalid):
    """The organization's register has no such PPA for the fiscal year of the proposal."""

    title = "Your organization's register of PPAs has no such PPA for this fiscal year."


class GoalUnknown(Invalid):
    """No announced plan of the organization has this goal in the fiscal year."""

    title = "No submitted strategic plan of your organization has this goal in this fiscal year."


class AssessmentUnknown(Invalid):
    """The organization has no such needs assessment."""

    title = "Your organization has no such needs assessment."


@dataclass(frozen=True, slots=True)
class Links:
    """What one program is linked to, and where in the request that was said."""

    ppa_id: UUID | None
    goal_id: UUID | None
    assessment_id: UUID | None
    pointer: str
