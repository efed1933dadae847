"""The states of a proposal and what refuses a step between them (budgeting sheet, section 4.1)."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import text

from libs.refusals import Conflict, Forbidden, NotFound


class ProposalStatus(StrEnum):
    """States of a budget proposal; a withdrawn one is a draft again."""

    draft = "draft"
    submitted = "submitted"
    under_review = "under_review"
    returned = "returned"
    approved = "approved"
    rejected = "rejected"


EDITABLE = (ProposalStatus.draft, ProposalStatus.returned)
PENDING = (ProposalStatus.submitted, ProposalStatus.under_review)
ANNUAL = text("kind = 'annual' AND status <> 'rejected'")


class ProposalKind(StrEnum):
    """The one budget of a year, or a later request beside it."""

    annual = "annual"
    supplemental = "supplemental"


class ProposalNotFound(NotFound):
    """There is no such proposal for this organization."""

    title = "There is no such budget proposal."


class ProposalNotEditable(Conflict):
    """Only a draft or returned proposal is edited and submitted."""

    title = "Only a draft or returned proposal can be changed or submitted."


class ProposalNotDeletable(Conflict):
    """What was once submitted stays."""

    title = "Only a draft that was never submitted can be deleted."


class ProposalNotSubmitted(Conflict):
    """Review begins, and withdrawal is possible, only before a reviewer has opened it."""

    title = "Only a submitted proposal that nobody reviews yet can be reviewed or withdrawn."


class ProposalNotPending(Conflict):
    """Nothing waits for a decision."""

    title = "Only a proposal that is submitted or under review can be decided."


class ProposalIncomplete(Conflict):
    """Something that submitting demands is missing."""

    title = "The proposal is not complete enough to be submitted."


class NotEndorsed(Conflict):
    """Under a budget call the head of the organization endorses before it is submitted."""

    title = "The head of the organization must endorse the proposal before it is submitted."


class PreparerMayNotEndorse(Forbidden):
    """Who wrote or edited a proposal never endorses it."""

    title = "Someone who did not prepare the proposal must endorse it."


class DecidedByIssuer(Conflict):
    """What was submitted under a budget call is decided by who issued it."""

    title = "Whoever issued the budget call decides on this proposal."


class RevisionOutdated(Conflict):
    """A decision came for a revision that does not stand any more."""

    title = "The proposal was withdrawn or submitted again meanwhile."


class AnnualProposalExists(Conflict):
    """An organization has one live annual proposal a fiscal year."""

    title = "There is an annual proposal for this fiscal year already."
