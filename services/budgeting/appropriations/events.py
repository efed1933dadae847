"""What budgeting announces about acts: once for every item, for whom it concerns."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.act_items.model import ActItem
from services.budgeting.appropriations.model import Appropriation


class AppropriationEvent(Event):
    """The public state of one item of an act, with the act's."""

    for_org_id: UUID
    appropriation_id: UUID
    act_item_id: UUID
    act_reference: str
    kind: str
    status: str
    fiscal_year: int
    enacted_on: date
    valid_until: date
    program_title: str
    prexc_code: str
    expense_class: str
    funding_source: str
    special_provision: str
    is_for_later_release: bool
    is_lump_sum: bool
    amount: Money

    @classmethod
    def about(cls, act: Appropriation, item: ActItem, org_id: UUID) -> Self:
        """Return the event about an item of an act as both are now, for one who has of it."""
        return cls(
            for_org_id=org_id,
            appropriation_id=act.id,
            act_item_id=item.id,
            act_reference=act.act_reference,
            kind=act.kind,
            status=act.status,
            fiscal_year=act.fiscal_year,
            enacted_on=act.enacted_on,
            valid_until=act.valid_until,
            program_title=item.program_title,
            prexc_code=item.prexc_code,
            expense_class=item.expense_class,
            funding_source=item.funding_source,
            special_provision=item.special_provision,
            is_for_later_release=item.is_for_later_release,
            is_lump_sum=item.is_lump_sum,
            amount=item.amount,
        )


class AppropriationEnacted(AppropriationEvent):
    """An act gave an organization an item; it may be allocated."""

    subject: ClassVar[str] = "budgeting.appropriation.enacted.v1"


class AppropriationPublished(AppropriationEvent):
    """An enacted act was published."""

    subject: ClassVar[str] = "budgeting.appropriation.published.v1"


class AppropriationExtended(AppropriationEvent):
    """Another act gave an item more time; it may be spent until then."""

    subject: ClassVar[str] = "budgeting.appropriation.extended.v1"


class AppropriationLapsed(AppropriationEvent):
    """An act's authority ended; nothing more is taken from the item."""

    subject: ClassVar[str] = "budgeting.appropriation.lapsed.v1"
