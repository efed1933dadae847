"""What was given, released, bound and paid: the figures of every organization and of all."""

from __future__ import annotations

from decimal import Decimal

from libs.chassis.testing import Person
from services.ocm.budget_overview.usecases import budget_figures
from services.ocm.figures.model import Cell, Cells
from services.ocm.tests.factories import (
    Teller,
    a_class,
    a_payment,
    a_proposal,
    an_allotment,
    an_item,
    an_obligation,
    of,
    page,
    some_cash,
)


async def spend(tell: Teller, org: str) -> None:
    approved = a_proposal(
        "1200.00",
        status="approved",
        total_approved_amount="1000.00",
        totals_by_class=[a_class("mooe", "1200.00", "1000.00")],
    )
    await tell("budgeting.proposal.approved", org, approved)
    await tell("budgeting.appropriation_item.received", org, an_item("1000.00"))
    allotment = await tell("budgeting.allotment.released", org, an_allotment("500.00"))
    obligation = await tell("budgeting.obligation.posted", org, an_obligation(allotment, "300.00"))
    await tell("budgeting.disbursement.paid", org, a_payment(obligation, "150.00"))


async def test_every_step_of_the_money_is_shown_with_what_it_is_divided_by(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH", "MOLE")
    await spend(tell, "MOH")
    told = await page(analyst, "budget")
    moh = of(told, "MOH")
    assert {key: moh[f"{key}_amount"] for key in ("appropriated", "allotted", "obligated")} == {
        "appropriated": "1000.00",
        "allotted": "500.00",
        "obligated": "300.00",
    }
    assert moh["disbursed_amount"] == "150.00"
    assert moh["allotment_rate_of_approved"] == "50.00"
    assert moh["obligation_rate_of_allotted"] == "60.00"
    assert moh["disbursement_rate_of_obligated"] == "50.00"
    assert moh["utilisation_of_allotted"] == "30.00"
    assert moh["utilisation_of_appropriated"] == moh["absorption_of_approved"] == "15.00"
    assert (moh["unobligated_amount"], moh["unpaid_amount"]) == ("200.00", "150.00")
    assert (moh["median_days_to_obligate"], moh["median_days_to_pay"]) == ("30.00", "60.00")
    assert moh["breaches"] == []
    assert moh["programme_variance_amount"] is None
    assert of(told, "MOLE")["disbursed_amount"] is None
    assert told["totals"]["disbursed_amount"] == "150.00"


async def test_what_was_paid_is_compared_with_the_cash_of_periods_that_have_begun(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH", "MOLE")
    await spend(tell, "MOH")
    await tell("budgeting.cash_allocation.confirmed", "MOH", some_cash("200.00"))
    ahead = some_cash("900.00", valid_from="2099-01-01", valid_until="2099-03-31")
    await tell("budgeting.cash_allocation.confirmed", "MOH", ahead)
    twice = await tell("budgeting.cash_allocation.confirmed", "MOH", some_cash("70.00"))
    gone = some_cash("70.00", status="cancelled")
    await tell("budgeting.cash_allocation.cancelled", "MOH", gone, about=twice)
    await tell("budgeting.cash_allocation.confirmed", "MOLE", some_cash("40.00"))
    told = await page(analyst, "budget")
    variances = [
        (each["programmed_amount"], each["programme_variance_amount"])
        for each in (of(told, "MOH"), of(told, "MOLE"), told["totals"])
    ]
    assert variances == [("200.00", "-50.00"), ("40.00", "-40.00"), ("240.00", "-90.00")]
    assert of(told, "MOH")["programme_variance_of_programmed"] == "-25.00"


async def test_the_parts_by_class_and_by_quarter_make_the_whole(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH")
    await spend(tell, "MOH")
    capital = an_allotment("80.00", expense_class="co", quarter=None, released_on="2026-07-01")
    await tell("budgeting.allotment.released", "MOH", capital)
    moh = of(await page(analyst, "budget"), "MOH")
    for measure in ("allotted", "obligated", "disbursed"):
        whole = Decimal(moh[f"{measure}_amount"])
        for parts in (moh["by_class"], moh["by_quarter"]):
            assert sum(Decimal(part[f"{measure}_amount"]) for part in parts) == whole
    assert [part["allotted_amount"] for part in moh["by_quarter"]] == [
        "500.00",
        "0.00",
        "80.00",
        "0.00",
    ]


async def test_what_was_cancelled_or_voided_no_longer_counts(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH")
    allotment = await tell("budgeting.allotment.released", "MOH", an_allotment("500.00"))
    obligation = await tell(
        "budgeting.obligation.posted", "MOH", an_obligation(allotment, "300.00")
    )
    payment = await tell("budgeting.disbursement.paid", "MOH", a_payment(obligation, "150.00"))
    void = a_payment(obligation, "150.00", status="void")
    await tell("budgeting.disbursement.voided", "MOH", void, about=payment)
    moh = of(await page(analyst, "budget"), "MOH")
    assert (moh["disbursed_amount"], moh["unpaid_amount"]) == (None, "300.00")
    gone = an_obligation(allotment, "300.00", status="cancelled")
    await tell("budgeting.obligation.cancelled", "MOH", gone, about=obligation)
    moh = of(await page(analyst, "budget"), "MOH")
    assert (moh["obligated_amount"], moh["unobligated_amount"]) == (None, "500.00")


def test_more_below_than_above_is_told_and_never_capped() -> None:
    cells = Cells(
        (measure, "mooe", Cell(1, Decimal(amount), None))
        for measure, amount in (
            ("appropriated", "100"),
            ("allotted", "120"),
            ("obligated", "90"),
            ("disbursed", "95"),
        )
    )
    told = budget_figures(cells)
    assert told.breaches == ["allotted exceeds appropriated", "disbursed exceeds obligated"]
    assert told.disbursement_rate_of_obligated == Decimal("105.56")
