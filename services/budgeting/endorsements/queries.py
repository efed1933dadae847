"""Every SELECT on endorsements and the rules that ask for them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.endorsements.model import (
    Endorsement,
    EndorsementRule,
    Requirement,
    requirements,
)
from services.budgeting.proposals.model import Proposal


async def list_requirements(session: AsyncSession, proposal: Proposal) -> list[Requirement]:
    """Return which offices must speak about a proposal as it is now; two statements."""
    year = proposal.fiscal_year
    rules: Select[EndorsementRule] = (
        select(EndorsementRule)
        .where(
            EndorsementRule.valid_from <= year,
            or_(EndorsementRule.valid_to.is_(None), EndorsementRule.valid_to >= year),
        )
        .order_by(EndorsementRule.endorser, EndorsementRule.basis, EndorsementRule.value)
    )
    found = (await session.scalars(rules)).all()
    return requirements(proposal, found, await list_endorsements(session, proposal.id))


async def list_endorsements(session: AsyncSession, proposal_id: UUID) -> list[Endorsement]:
    statement: Select[Endorsement] = (
        select(Endorsement)
        .where(Endorsement.proposal_id == proposal_id)
        .order_by(Endorsement.created_at, Endorsement.id)
    )
    return list(await session.scalars(statement))
