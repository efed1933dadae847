"""Every SELECT on the remembered partnerships, with what their members answered since."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    CTE,
    ColumnElement,
    Text,
    Uuid,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
)

from services.ocm.figures.queries import CellSelect, cell
from services.ocm.known_partnership_answers.queries import select_last_answers
from services.ocm.known_partnerships.model import ACCEPTED, ACTIVE, DRAFT, LEAD, KnownPartnership

MEMBER = (column("org_id", Uuid), column("role", Text), column("status", Text))


def select_partnership_cells(fiscal_year: int) -> list[CellSelect]:
    lead = KnownPartnership
    members = _accepted_members(fiscal_year)
    in_year = _counts_in(fiscal_year)
    return [
        cell(
            "led",
            lead.org_id,
            lead.status,
            func.count(),
            amount=func.sum(lead.total_budget_amount),
        )
        .where(in_year)
        .group_by(lead.org_id, lead.status),
        cell("led_type", lead.org_id, lead.partnership_type, func.count())
        .where(in_year)
        .group_by(lead.org_id, lead.partnership_type),
        cell("led_priority", lead.org_id, lead.priority, func.count())
        .where(in_year)
        .group_by(lead.org_id, lead.priority),
        cell("joined", members.c.org_id, members.c.status, func.count())
        .where(members.c.role != LEAD)
        .group_by(members.c.org_id, members.c.status),
        *_pairs(members),
    ]


def _pairs(members: CTE) -> list[CellSelect]:
    """Return C2 seen from each side: active partnerships that two accepted members share."""
    one, other = members.alias("one"), members.alias("other")
    both = (
        one.c.partnership_id == other.c.partnership_id,
        one.c.org_id != other.c.org_id,
        one.c.status == ACTIVE,
    )
    has_lead = or_(one.c.role == LEAD, other.c.role == LEAD)
    return [
        cell(measure, one.c.org_id, other.c.org_id, func.count())
        .where(*both, condition)
        .group_by(one.c.org_id, other.c.org_id)
        for measure, condition in (("lead_pair", has_lead), ("peer_pair", ~has_lead))
    ]


def _accepted_members(fiscal_year: int) -> CTE:
    """Return the lead of each partnership and whoever takes part by the latest word.

    The lead's announcement holds the members as they then were; an answer given since then wins.
    """
    lead = KnownPartnership
    member = (
        func.jsonb_to_recordset(lead.members)
        .table_valued(*MEMBER, name="member")
        .render_derived(with_types=True)
    )
    answers = select_last_answers()
    since = answers.c.updated_at >= lead.updated_at
    standing = case((since, answers.c.answer), else_=member.c.status)
    common = (lead.id.label("partnership_id"), lead.status.label("status"))
    participants = (
        select(member.c.org_id.label("org_id"), member.c.role.label("role"), *common)
        .select_from(lead)
        .join(member, true())
        .outerjoin(
            answers,
            (answers.c.partnership_id == lead.id) & (answers.c.org_id == member.c.org_id),
        )
        .where(_counts_in(fiscal_year), member.c.role != LEAD, standing == ACCEPTED)
    )
    leads = select(lead.org_id, cast(literal(LEAD), Text).label("role"), *common)
    return leads.where(_counts_in(fiscal_year)).union_all(participants).cte("members")


def _counts_in(fiscal_year: int) -> ColumnElement[bool]:
    lead = KnownPartnership
    begins, ends = date(fiscal_year, 1, 1), date(fiscal_year, 12, 31)
    return and_(
        lead.status != DRAFT,
        func.coalesce(lead.starts_on, begins) <= ends,
        func.coalesce(lead.ends_on, ends) >= begins,
    )
