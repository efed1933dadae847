"""Every SELECT on the remembered answers."""

from __future__ import annotations

from sqlalchemy import CTE, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.ocm.known_partnership_answers.model import KnownPartnershipAnswer


def select_last_answers() -> CTE:
    """Return the last answer of each member in each partnership, with when it was given."""
    answer = KnownPartnershipAnswer
    statement = (
        select(answer.org_id, answer.partnership_id, answer.answer, answer.updated_at)
        .ext(distinct_on(answer.org_id, answer.partnership_id))
        .order_by(answer.org_id, answer.partnership_id, answer.updated_at.desc())
    )
    return statement.cte("last_answers")
