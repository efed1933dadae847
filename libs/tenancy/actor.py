"""Actor: the person or process that acts, and the one organization for which it acts now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

SYSTEM_USER_ID = UUID("00000000-0000-7000-8000-000000000001")
"""Who acts when no person does: a worker applying an event, an operator's command."""

OVERSIGHT = "oversight.all.read"
OVERSIGHT_SERVICE = "oversight"
"""Seeing every organization is granted by name only: `*.*.read` is about one's own."""
DENIAL = "-"


@dataclass(frozen=True, slots=True)
class Actor:
    """One user in one organization, with what the token says that this user may do there.

    `bound_to` is the thumbprint of the key whose holder alone may use the token; empty: anyone.
    `stands_in` names, by permission, for whom the user has it, who has it not as their own;
    `roles_away` are the roles that these people have.
    """

    user_id: UUID
    org_id: UUID
    org_code: str
    roles: frozenset[str] = frozenset()
    permissions: tuple[str, ...] = ()
    modules: frozenset[str] = frozenset()
    session_id: str = ""
    bound_to: str = ""
    issued_at: float = 0.0
    stands_in: Mapping[str, UUID] = field(default_factory=dict, compare=False)
    roles_away: Mapping[UUID, frozenset[str]] = field(default_factory=dict, compare=False)
    _allowed: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def system(cls, org_id: UUID, org_code: str = "") -> Actor:
        """Return the actor of a worker or an operator's command within one organization."""
        return cls(SYSTEM_USER_ID, org_id, org_code, permissions=("*.*.*",))

    def may(self, permission: str) -> bool:
        """Tell whether a granted pattern covers `service.noun.verb`; anything else is denied.

        A segment of a pattern is `*`, a word, or words with commas (`planning.*.read,change`).
        A pattern with `-` in front denies, whatever the others grant.
        """
        if permission not in self._allowed:
            asked = permission.split(".")
            granted = [one for one in self.permissions if not one.startswith(DENIAL)]
            denied = [one[1:] for one in self.permissions if one.startswith(DENIAL)]
            self._allowed[permission] = any(
                _covers(pattern.split("."), asked) for pattern in granted
            ) and not any(_matches(pattern.split("."), asked) for pattern in denied)
        return self._allowed[permission]

    def stands_in_for(self, permission: str) -> UUID | None:
        """Return for whom the user does this, while that person is away; None for themselves."""
        return self.stands_in.get(permission)

    def roles_for(self, permission: str) -> frozenset[str]:
        """Return the roles that a permission is used with: those of whoever it belongs to."""
        away = self.stands_in.get(permission)
        return self.roles if away is None else self.roles_away.get(away, frozenset())

    @property
    def oversees(self) -> bool:
        """Tell whether this actor may read the aggregates of every organization."""
        return self.may(OVERSIGHT)


def _covers(pattern: list[str], asked: list[str]) -> bool:
    if asked[0] == OVERSIGHT_SERVICE and pattern[0] != OVERSIGHT_SERVICE:
        return False
    return _matches(pattern, asked)


def _matches(pattern: list[str], asked: list[str]) -> bool:
    return len(pattern) == len(asked) and all(
        granted == "*" or wanted in granted.split(",")
        for granted, wanted in zip(pattern, asked, strict=True)
    )
