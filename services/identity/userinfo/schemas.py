"""The claims about a person, by their standard names (OpenID Connect Core, 5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.identity.authorizations.schemas import claims_of_scopes
from services.identity.users.model import User

ZONE = "Asia/Manila"


def person_claims(user: User, scopes: Iterable[str], named: Iterable[str] = ()) -> dict[str, Any]:
    """Return `sub` and what the scopes and single names open; what nobody knows is left out."""
    wanted = {*claims_of_scopes(scopes), *named}
    known = {
        "name": user.full_name,
        "preferred_username": user.username,
        "locale": user.language,
        "zoneinfo": ZONE,
        "updated_at": int(user.updated_at.timestamp()),
        "email": user.email,
        # An address is proved when its owner takes up the invitation that was sent there.
        "email_verified": user.is_active,
        "phone_number": user.phone,
        "phone_number_verified": False if user.phone else None,
    }
    claims = {name: value for name, value in known.items() if name in wanted}
    return {"sub": str(user.id)} | {
        name: value for name, value in claims.items() if value not in (None, "")
    }
