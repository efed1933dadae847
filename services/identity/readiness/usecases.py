"""What can be asked about readiness."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.identity.memberships.queries import count_active_admins
from services.identity.organizations.model import Organization
from services.identity.organizations.usecases import acting_within
from services.identity.readiness.queries import count_staff
from services.identity.readiness.schemas import Readiness


async def readiness_of(
    uow: UnitOfWork, organization: Organization, *, is_trained: bool, has_data: bool
) -> Readiness:
    """Work out an organization's checklist; training and data are what its wave says."""
    async with acting_within(uow, organization):
        admins = await count_active_admins(uow.session, organization.id)
        staff = await count_staff(uow.session, organization.id)
    return Readiness(
        organization_id=organization.id,
        code=organization.code,
        name=organization.name,
        org_type=organization.org_type,
        status=organization.status,
        focal_named=organization.focal_user_id is not None,
        admin_there=admins > 0,
        staff_imported=staff > 0,
        training_done=is_trained,
        data_loaded=has_data,
    )
