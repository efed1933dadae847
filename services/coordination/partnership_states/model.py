"""States, roles and views of a partnership, and the words for no (sheet, sections 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from libs.refusals import Conflict, Forbidden, Invalid, NotFound


class PartnershipStatus(StrEnum):
    """States of a partnership."""

    draft = "draft"
    pending_approval = "pending_approval"
    active = "active"
    on_hold = "on_hold"
    completed = "completed"
    terminated = "terminated"


class PartnershipPriority(StrEnum):
    """How much a partnership matters, lowest first."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


class Visibility(StrEnum):
    """Who besides lead and members may know of an active partnership."""

    members = "members"
    ocm = "ocm"
    public = "public"


class Role(StrEnum):
    """What an organization is to a partnership; an observer knows it because it is public."""

    lead = "lead"
    participant = "participant"
    invited = "invited"
    observer = "observer"


class View(StrEnum):
    """How much of a partnership is shown."""

    full = "full"
    summary = "summary"
    public = "public"


AFTER_ACTIVATION = ("active", "on_hold", "completed")
CLOSED = (PartnershipStatus.completed, PartnershipStatus.terminated)

LEAD_ACTIONS: Mapping[PartnershipStatus, tuple[str, ...]] = {
    PartnershipStatus.draft: ("change", "invite", "submit", "terminate", "delete"),
    PartnershipStatus.pending_approval: ("invite", "activate", "return", "terminate"),
    PartnershipStatus.active: ("invite", "hold", "complete", "terminate"),
    PartnershipStatus.on_hold: ("invite", "resume", "terminate"),
    PartnershipStatus.completed: (),
    PartnershipStatus.terminated: (),
}
"""The lead's verbs in each state."""


def role_of(invitation_status: str | None) -> Role:
    """Return what an organization is by where its invitation stands."""
    roles = {"accepted": Role.participant, "pending": Role.invited}
    return roles.get(invitation_status or "", Role.observer)


def view_of(role: Role, status: str) -> View:
    """Return how much an organization sees: terms under revision are the lead's alone."""
    if role == Role.observer:
        return View.public
    is_in = role == Role.participant and status != PartnershipStatus.draft
    return View.full if is_in or role == Role.lead else View.summary


class PartnershipNotFound(NotFound):
    """There is no such partnership that this organization may know of."""

    title = "There is no such partnership."


class NotTheLead(Forbidden):
    """Only the organization that leads a partnership changes it."""

    title = "Only the lead of the partnership may do this."


class NotInvited(Forbidden):
    """Only an invited organization answers, and only for itself."""

    title = "Your organization is not invited to this partnership."


class NotTakingPart(Forbidden):
    """What is said among members is for the lead and the accepted participants."""

    title = "Your organization does not take part in this partnership."


class CreatorMayNotActivate(Forbidden):
    """Who wrote the terms never puts them into force."""

    title = "Someone other than its creator must activate the partnership."


class PartnershipNotDraft(Conflict):
    """Only a draft is edited or submitted."""

    title = "Only a draft can be changed or submitted."


class PartnershipNotDeletable(Conflict):
    """What was once submitted is terminated, never deleted."""

    title = "Only a draft that was never submitted can be deleted."


class PartnershipIncomplete(Conflict):
    """Something that submitting demands is missing."""

    title = "The partnership is not complete enough to be submitted."


class PartnershipNotPending(Conflict):
    """Only what waits for approval is activated or returned."""

    title = "The partnership does not wait for approval."


class PartnershipNotActive(Conflict):
    """Only active work is interrupted or completed."""

    title = "The partnership is not active."


class PartnershipNotOnHold(Conflict):
    """Only interrupted work is taken up again."""

    title = "The partnership is not on hold."


class PartnershipClosed(Conflict):
    """Nothing happens in a partnership that is over."""

    title = "The partnership is over."


class InvitationsWaiting(Conflict):
    """An invited organization has not answered yet."""

    title = "An invitation is not answered yet."


class ParticipantsMissing(Conflict):
    """The type of partnership takes more participants."""

    title = "Too few organizations have accepted."


class OcmApprovalAwaited(Conflict):
    """The Office of the Chief Minister has to decide first; this service hears no decision yet."""

    title = "The Office of the Chief Minister must approve this partnership before it is activated."


class OrganizationInvitedAlready(Conflict):
    """An organization answers one invitation at a time."""

    title = "This organization is invited already, or takes part."


class BilateralTaken(Conflict):
    """A pair has one other side."""

    title = "A bilateral partnership has one participant."


class OrganizationNotInvitable(Invalid):
    """The register has no active organization of this code."""

    title = "There is no active organization of this code."


class LeadNotInvitable(Invalid):
    """The lead takes part already."""

    title = "The lead is not invited to its own partnership."


class DatesReversed(Invalid):
    """The end lies after the start."""

    title = "The end must lie after the start."
