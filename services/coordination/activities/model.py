"""The timeline, and who is a member by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.coordination.db import Base
from services.coordination.known_organizations.model import (
    KnownOrganization,
    OrganizationName,
    known_by,
    name_of,
)


class Deed(StrEnum):
    """What can happen to a partnership once it is submitted."""

    submitted = "submitted"
    returned = "returned"
    activated = "activated"
    held = "held"
    resumed = "resumed"
    completed = "completed"
    terminated = "terminated"
    invited = "invited"
    revoked = "revoked"
    accepted = "accepted"
    declined = "declined"
    withdrawn = "withdrawn"
    removed = "removed"
    committed = "committed"
    commitment_changed = "commitment_changed"
    commitment_cancelled = "commitment_cancelled"


class MemberStatus(StrEnum):
    """Where an organization stands in a partnership (section 5.1)."""

    invited = "invited"
    accepted = "accepted"
    declined = "declined"
    withdrawn = "withdrawn"
    removed = "removed"


def written_by_the_circle(
    table: str, *, ondelete: str | None = None
) -> tuple[ForeignKeyConstraint | CheckConstraint, ...]:
    """Return the rules that let only a lead, or an organization it invited, write into `table`.

    A row of the lead names no invitation; a row of any other names the one that it was sent.
    """
    invitations = "coordination.partnership_invitations"
    return (
        check("writer", "(org_id = lead_org_id) = (invitation_id IS NULL)"),
        ForeignKeyConstraint(
            ["lead_org_id", "partnership_id"],
            [
                "coordination.inter_moa_partnerships.org_id",
                "coordination.inter_moa_partnerships.id",
            ],
            name=f"fk_{table}_partnership",
            ondelete=ondelete,
        ),
        ForeignKeyConstraint(
            ["lead_org_id", "partnership_id", "invitation_id", "org_id"],
            [f"{invitations}.{name}" for name in ("org_id", "partnership_id", "id")]
            + [f"{invitations}.invited_org_id"],
            name=f"fk_{table}_invitation",
        ),
    )


class PartnershipActivity(TenantOwned, Base):
    """Something that an organization did in a partnership, as all its members may know it."""

    __tablename__ = "partnership_activities"
    __table_args__ = (
        *written_by_the_circle("partnership_activities"),
        check("deed", f"deed IN {tuple(Deed.__members__)}"),
        Index(
            "ix_partnership_activities_timeline",
            "org_id",
            "lead_org_id",
            "partnership_id",
            "created_at",
        ),
    )
    noun: ClassVar[str] = "coordination.inter_moa_partnership"

    lead_org_id: Mapped[UUID] = mapped_column(Uuid)
    partnership_id: Mapped[UUID] = mapped_column(Uuid)
    invitation_id: Mapped[UUID | None] = mapped_column(Uuid)
    deed: Mapped[str] = mapped_column(Text)
    about_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str | None] = mapped_column(Text)
    known_actor: Mapped[KnownOrganization | None] = known_by(lambda: PartnershipActivity.org_id)
    known_about: Mapped[KnownOrganization | None] = known_by(
        lambda: PartnershipActivity.about_org_id
    )

    @property
    def organization(self) -> OrganizationName:
        """Who did it."""
        return name_of(self.org_id, self.known_actor)

    @property
    def about(self) -> OrganizationName | None:
        """Whom it concerned, when it concerned one organization."""
        if self.about_org_id is None:
            return None
        return name_of(self.about_org_id, self.known_about)


@dataclass(frozen=True, slots=True)
class Member:
    """An organization in a partnership."""

    organization: OrganizationName
    role: str
    status: MemberStatus
    joined_at: datetime | None
    left_at: datetime | None

    @property
    def org_id(self) -> UUID:
        """Which organization it is."""
        return self.organization.org_id

    @property
    def is_in(self) -> bool:
        """Whether it takes part now."""
        return self.status == MemberStatus.accepted


def lead_member(lead: OrganizationName, *, since: datetime | None) -> Member:
    """Return the lead as the first member."""
    return Member(lead, "lead", MemberStatus.accepted, since, None)


LEFT = (MemberStatus.withdrawn, MemberStatus.removed)


def members_by(
    timeline: Iterable[PartnershipActivity], asked: Iterable[OrganizationName] = ()
) -> list[Member]:
    """Return who takes or took part, each as the last line about it says.

    `asked` are those whose invitation is prepared: only the lead knows of them.
    """
    found: dict[UUID, Member] = {}
    for line in timeline:
        if line.about_org_id is None or line.about is None:
            continue
        before = found.pop(line.about_org_id, None)
        if line.deed == Deed.revoked:
            continue
        status = MemberStatus(line.deed)
        joined = before.joined_at if before and status in LEFT else None
        found[line.about_org_id] = Member(
            organization=line.about,
            role="participant",
            status=status,
            joined_at=line.created_at if status == MemberStatus.accepted else joined,
            left_at=line.created_at if status in LEFT else None,
        )
    for organization in asked:
        found[organization.org_id] = Member(
            organization, "participant", MemberStatus.invited, None, None
        )
    return list(found.values())
