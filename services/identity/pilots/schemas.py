"""What an operator says about one person."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity.imports.model import ROLE_MAP
from services.identity.memberships.model import MembershipRole
from services.identity.role_catalogue.model import FUNCTIONAL

PEOPLE = (
    ("Amina", "Ampatua", "pilot_admin"),
    ("Bai", "Sinsuat", "manager"),
    ("Datu", "Mangudadatu", "manager"),
    ("Fatima", "Macapaar", "planner"),
    ("Hamid", "Pangandaman", "budget_officer"),
    ("Jamila", "Alonto", "me_officer"),
    ("Karim", "Dimaporo", "viewer"),
)
"""Made-up people for trying the pilot out, in the order in which an organization gets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotUser:
    """Whom to invite; without a role the first person of an organization administers it."""

    email: str
    organization: str
    role: str | None = None
    username: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    position: str = ""
    department: str = ""
    send_email: bool = True


def roles_of(name: str) -> tuple[MembershipRole, tuple[str, ...]] | None:
    """Return membership role and functional roles of a name from any of the vocabularies."""
    if name in ROLE_MAP:
        role, functional = ROLE_MAP[name]
        return MembershipRole(role), functional
    if name in MembershipRole.__members__:
        return MembershipRole(name), ()
    if name in FUNCTIONAL:
        return MembershipRole.staff, (name,)
    return None
