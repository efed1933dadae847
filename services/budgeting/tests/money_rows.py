"""What the plain model of the chain of money is made of: rows with a state and sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID, uuid4

NIL = Decimal("0.00")
LARGEST = Decimal("9999999999999999.99")
SUMS = ("appropriated", "allocated", "allotted", "reserved", "obligated", "disbursed")


class Refused(Exception):
    """The step is refused, for this reason."""


def refuse_unless(is_fine: bool, code: str) -> None:
    if not is_fine:
        raise Refused(code)


@dataclass(eq=False, kw_only=True)
class Row:
    """Anything with an id, made by somebody; its balances are what its class adds."""

    row_id: UUID = field(default_factory=uuid4)
    by: UUID = field(default_factory=uuid4)
    status: str = ""

    def is_sound(self) -> bool:
        return True

    def sums(self) -> list[Decimal]:
        """Return the balances, in the order of the chain."""
        return [getattr(self, name) for name in SUMS if hasattr(self, name)]


@dataclass(eq=False, kw_only=True)
class Item(Row):
    appropriated: Decimal = NIL
    allocated: Decimal = NIL

    def is_sound(self) -> bool:
        return 0 <= self.allocated <= self.appropriated


@dataclass(eq=False, kw_only=True)
class Allocation(Row):
    item: Item
    amount: Decimal
    allocated: Decimal = NIL
    allotted: Decimal = NIL
    obligated: Decimal = NIL
    disbursed: Decimal = NIL

    def is_sound(self) -> bool:
        return 0 <= self.disbursed <= self.obligated <= self.allotted <= self.allocated


@dataclass(eq=False, kw_only=True)
class Allotment(Row):
    allocation: Allocation
    amount: Decimal
    allotted: Decimal = NIL
    reserved: Decimal = NIL
    obligated: Decimal = NIL
    disbursed: Decimal = NIL

    def is_sound(self) -> bool:
        spoken_for = self.obligated + self.reserved
        return 0 <= self.disbursed <= self.obligated <= spoken_for <= self.allotted


@dataclass(eq=False, kw_only=True)
class WorkItem(Row):
    allocation: Allocation
    cost: Decimal


@dataclass(eq=False, kw_only=True)
class Obligation(Row):
    allotment: Allotment
    amount: Decimal
    month: int
    obligated: Decimal = NIL
    disbursed: Decimal = NIL

    def is_sound(self) -> bool:
        return 0 <= self.disbursed <= self.obligated


@dataclass(eq=False, kw_only=True)
class Voucher(Row):
    obligation: Obligation
    gross: Decimal
    certified_by: UUID | None = None
    approved_by: UUID | None = None
