"""Roles, flags and grants as permission patterns `service.noun.verb`; what is not named is denied.

Every pattern names its services one by one, so that nobody's right to change a plan can ever cover
the right to change a membership.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

COORDINATION = "coordination"
BUSINESS = ("planning", "budgeting", "mana", COORDINATION)
"""The services whose records the staff of an organization keeps."""


def _each(verbs: str, services: Iterable[str] = BUSINESS) -> tuple[str, ...]:
    """Return one pattern for all: the token goes with every request, also on a poor line."""
    return (f"{','.join(services)}.*.{','.join(verbs.split())}",)


MAKERS = ("planning", "budgeting", "mana")
"""Where staff hand in what they made; for a partnership only a manager speaks outwards."""

VIEWER = (*_each("read"), "identity.membership,organization.read")
"""Of identity only who belongs here: its trail and its people's affairs are for named roles."""

STAFF = (
    *VIEWER,
    *_each("create change delete record"),
    *_each("submit withdraw advance import", MAKERS),
)
MANAGER = (
    *STAFF,
    *_each("cancel reopen complete archive hold resume review endorse"),
    *_each("submit withdraw invite revoke accept decline approve return activate", [COORDINATION]),
)
ADMIN = (
    *MANAGER,
    *_each("remove terminate", [COORDINATION]),
    "identity.membership.*",
    "identity.audit_event.read",
)

ROLES: dict[str, tuple[str, ...]] = {
    "viewer": VIEWER,
    "staff": STAFF,
    "manager": MANAGER,
    "admin": ADMIN,
}
"""What each role of a membership allows within its organization."""

FLAGS: dict[str, tuple[str, ...]] = {
    "can_manage_users": ("identity.membership.*",),
    "can_approve_plans": _each("approve return reject activate", ["planning"]),
    "can_approve_budgets": _each("approve return reject review", ["budgeting"]),
    "can_view_reports": ("*.report.read",),
}
"""What each flag of a membership adds; approval is never part of a role of the makers."""

GRANTS: dict[str, tuple[str, ...]] = {
    "platform_administrator": ("identity.*.*",),
    "ocm_analyst": ("oversight.*.read",),
}
"""What each system-wide grant allows: the platform's operation, and reading every aggregate."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one user may do in one organization now, as the token says it."""

    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    modules: tuple[str, ...]


def rights_of(
    *,
    role: str | None = None,
    flags: Iterable[str] = (),
    grants: Iterable[str] = (),
    modules: Iterable[str] = (),
) -> Rights:
    """Add up what a role, its flags and system-wide grants allow where `modules` are on."""
    sources = [ROLES[role]] if role else []
    sources += [FLAGS[flag] for flag in flags]
    held = tuple(sorted(grants))
    sources += [GRANTS[grant] for grant in held]
    permissions = dict.fromkeys(pattern for source in sources for pattern in source)
    roles = (role, *held) if role else held
    return Rights(roles=roles, permissions=tuple(permissions), modules=tuple(modules))
