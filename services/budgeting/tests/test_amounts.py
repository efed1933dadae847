"""Amounts: products, sums, splits and shares are exact whatever the amounts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.budgeting.ceilings.model import Ceiling
from services.budgeting.line_items.model import (
    LARGEST,
    AmountTooLarge,
    LineItem,
    line_amount,
)
from services.budgeting.programs.model import Program
from services.budgeting.tests.factories import (
    a_draft,
)
from services.budgeting.work_items.model import split_evenly

MONEY = st.decimals(min_value=0, max_value=LARGEST, places=2)
QUANTITY = st.decimals(min_value=Decimal("0.001"), max_value=Decimal("999999999.999"), places=3)


def half_up(value: Fraction) -> Decimal:
    """Round to the centavo with whole numbers only: the second opinion."""
    centavos = (value * 100 + Fraction(1, 2)).__floor__()
    return Decimal(centavos).scaleb(-2)


@settings(deadline=None)
@given(unit_cost=MONEY, quantity=QUANTITY)
def test_an_amount_is_the_product_rounded_half_up(unit_cost: Decimal, quantity: Decimal) -> None:
    exact = Fraction(unit_cost) * Fraction(quantity)
    amount = line_amount(unit_cost, quantity)
    assert Fraction(amount) == Fraction(half_up(exact))


def test_half_a_centavo_goes_up() -> None:
    assert line_amount(Decimal("0.01"), Decimal("0.5")) == Decimal("0.01")
    assert line_amount(Decimal("0.01"), Decimal("0.499")) == Decimal("0.00")
    assert line_amount(LARGEST, Decimal(1)) == LARGEST


@settings(deadline=None)
@given(amounts=st.lists(MONEY, min_size=1, max_size=30))
def test_sums_lose_no_centavo_and_never_pass_the_largest(amounts: list[Decimal]) -> None:
    exact = sum(map(Fraction, amounts))
    if exact > Fraction(LARGEST):
        with pytest.raises(AmountTooLarge):
            a_draft(None, *map(str, amounts))
        return
    proposal = a_draft(None, *map(str, amounts))
    assert Fraction(proposal.total_requested_amount) == exact
    assert sum(each.requested_amount for each in proposal.totals_by_class) == exact


@settings(deadline=None)
@given(total=MONEY, parts=st.integers(1, 12))
def test_an_even_split_loses_no_centavo(total: Decimal, parts: int) -> None:
    shares = split_evenly(total, parts)
    assert (sum(shares), len(shares)) == (total, parts)
    assert max(shares) - min(shares) <= Decimal("0.01")


@settings(deadline=None)
@given(used=MONEY, amount=MONEY, warn_at=st.integers(1, 100))
def test_a_share_in_percent_is_rounded_half_up_and_warns_by_what_it_is(
    used: Decimal, amount: Decimal, warn_at: int
) -> None:
    ceiling = Ceiling(amount=amount, warn_at_percent=warn_at)
    ceiling.used_amount = used
    if amount == 0:
        assert (ceiling.used_percent, ceiling.level) == (None, "exceeded" if used else "ok")
        return
    exact = Fraction(used) * 100 / Fraction(amount)
    assert Fraction(ceiling.used_percent or 0) == Fraction(half_up(exact))
    warning = "critical" if exact >= 98 else "near" if exact >= warn_at else "ok"
    assert ceiling.level == ("exceeded" if exact > 100 else warning)


def test_a_program_and_a_proposal_cannot_pass_the_largest() -> None:
    proposal = a_draft(None, str(LARGEST))
    (program,) = proposal.programs
    other = Program(title="One centavo too many", priority_rank=2, line_items=[])
    line = LineItem(expense_class="ps", unit_cost_amount=Decimal("0.01"), quantity=Decimal(1))
    line.price()
    other.line_items.append(line)
    proposal.programs.append(other)
    with pytest.raises(AmountTooLarge):
        proposal.recount("/body/programs")
    proposal.programs.remove(other)
    program.line_items.append(line)
    with pytest.raises(AmountTooLarge):
        proposal.recount("/body/line_items")
