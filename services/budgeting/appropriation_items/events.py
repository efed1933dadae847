"""What budgeting announces about an organization's appropriation items."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.appropriation_items.model import AppropriationItem


class AppropriationItemEvent(Event):
    """The public state of an item with its balances."""

    appropriation_item_id: UUID
    issuer_org_id: UUID
    act_item_id: UUID
    act_reference: str
    kind: str
    fiscal_year: int
    program_title: str
    prexc_code: str
    expense_class: str
    funding_source: str
    valid_until: date
    status: str
    enacted_amount: Money
    appropriated_amount: Money
    allocated_amount: Money

    @classmethod
    def about(cls, item: AppropriationItem) -> Self:
        """Return this event for an item as it now is."""
        told = {name: getattr(item, name) for name in cls.model_fields if name in _COLUMNS}
        return cls(appropriation_item_id=item.id, **told)


_COLUMNS = set(AppropriationItemEvent.model_fields) - {"appropriation_item_id"}


class AppropriationItemReceived(AppropriationItemEvent):
    """An enacted act gave this organization an item; allocation may begin."""

    subject: ClassVar[str] = "budgeting.appropriation_item.received.v1"


class AppropriationItemAdjusted(AppropriationItemEvent):
    """A realignment or a transfer moved an item's amount."""

    subject: ClassVar[str] = "budgeting.appropriation_item.adjusted.v1"


class AppropriationItemExtended(AppropriationItemEvent):
    """Another act gave the item more time."""

    subject: ClassVar[str] = "budgeting.appropriation_item.extended.v1"


class AppropriationItemLapsed(AppropriationItemEvent):
    """The item's authority ended."""

    subject: ClassVar[str] = "budgeting.appropriation_item.lapsed.v1"
