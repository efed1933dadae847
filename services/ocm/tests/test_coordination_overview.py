"""Partnerships: what the lead told, what members answered since, and who works with whom."""

from __future__ import annotations

from uuid import uuid4

from libs.chassis.testing import Person, org_id_of
from services.ocm.tests.factories import Teller, a_member, a_partnership, of, page

PARTNERSHIP = "coordination.inter_moa_partnership"


async def test_an_answer_counts_before_the_lead_tells_of_it(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH", "MOLE", "MAFAR")
    asked = a_partnership(
        a_member("MOH", role="lead"), a_member("MOLE", "invited"), a_member("MAFAR", "accepted")
    )
    partnership_id = await tell(f"{PARTNERSHIP}.activated", "MOH", asked)
    answer = {"partnership_id": str(partnership_id), "lead_org_id": str(org_id_of("MOH"))}
    invitation_id = uuid4()
    assert of(await page(analyst, "coordination"), "MOLE")["joined_by_status"] is None
    await tell(f"{PARTNERSHIP}.accepted", "MOLE", answer, about=invitation_id)
    told = await page(analyst, "coordination")
    assert of(told, "MOLE")["joined_by_status"] == {"active": 1}
    assert of(told, "MOH")["partners_count"] == of(told, "MOLE")["partners_count"] == 2
    assert of(told, "MOH")["share_led"] == "100.00"
    assert of(told, "MOLE")["share_led"] == "0.00"
    pairs = {
        (p["first_code"], p["second_code"]): (p["lead_participant"], p["participant_participant"])
        for p in told["matrix"]
    }
    assert pairs == {("MAFAR", "MOH"): (1, 0), ("MAFAR", "MOLE"): (0, 1), ("MOH", "MOLE"): (1, 0)}
    assert told["totals"]["partners_count"] == 3
    await tell(f"{PARTNERSHIP}.withdrawn", "MOLE", answer, about=invitation_id)
    gone = of(await page(analyst, "coordination"), "MOLE")
    assert gone["joined_by_status"] is None
    assert len((await page(analyst, "coordination"))["matrix"]) == 1


async def test_only_active_partnerships_make_partners(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH", "MOLE")
    for status in ("pending_approval", "completed"):
        told = a_partnership(a_member("MOLE"), status=status)
        await tell(f"{PARTNERSHIP}.submitted", "MOH", told)
    answer = await page(analyst, "coordination")
    assert of(answer, "MOH")["led_by_status"] == {"completed": 1, "pending_approval": 1}
    assert of(answer, "MOH")["led_budget_amount"] == "100.00"
    assert of(answer, "MOH")["partners_count"] == 0
    assert answer["matrix"] == []
    assert (await page(analyst, "coordination", 2025))["totals"]["led_by_status"] is None


async def test_a_returned_partnership_is_a_draft_again_and_not_counted(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH", "MOLE")
    asked = a_partnership(a_member("MOLE", "invited"), status="pending_approval")
    partnership_id = await tell(f"{PARTNERSHIP}.submitted", "MOH", asked)
    assert (await page(analyst, "coordination"))["totals"]["led_by_status"] is not None
    returned = a_partnership(a_member("MOLE", "invited"), status="draft")
    await tell(f"{PARTNERSHIP}.returned", "MOH", returned, about=partnership_id)
    assert (await page(analyst, "coordination"))["totals"]["led_by_status"] is None
