"""Writers of one allotment while the service and the database are killed: nothing twice or lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.e2e.budget_steps import LINE, TODAY, YEAR, done, org_id_of
from tests.e2e.system import System, Visitor, eventually
from tests.e2e.test_budget_chain import MEASURES, command
from tests.e2e.test_nothing_is_lost import rows

PAST = YEAR - 1
"""Money of the year before, still valid: no other journey is about that year."""

LIMIT, WANTED, LESS, PAID = "1000.00", "100.00", "-10.00", "60.00"
WRITERS = 20
KILLED = {25: "budgeting", 60: "postgres"}
"""Which part dies once so many requests have been answered.

At least ten get what they want, so that there are 78 requests or more: 20 that ask, 20 certified,
10 obligated, and what each of them does next.
"""

MIX = {"reserved", "obligated", "obligation_adjusted", "disbursed", "disbursement_voided"}
"""Obligations, adjustments, cancellations (an adjustment to nothing), payments and voids."""

Expected = Counter[tuple[UUID, str, Decimal]]


@dataclass
class Writers:
    """People of one organization who all write at once, and repeat what was not answered."""

    system: System
    allotment: dict[str, Any]
    payee: dict[str, Any]
    people: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    answered: list[tuple[httpx.AsyncClient, httpx.Response]] = field(default_factory=list)
    to_kill: dict[int, str] = field(default_factory=KILLED.copy)
    posted: Expected = field(default_factory=Counter)
    obligated: Iterator[int] = field(default_factory=count)

    async def once(self, role: str, path: str, body: Any, seen: httpx.Response | None) -> Any:
        """Post with one key until there is an answer; anything but a pause or a no is a fault."""
        url = f"/api/v1/moa/MOH/budgeting/{path}"
        headers = {"Idempotency-Key": uuid4().hex}
        headers |= {"If-Match": seen.headers["ETag"]} if seen is not None else {}
        client = self.people[role]
        asked = client.build_request("POST", url, json=body, headers=headers)
        answer = await self._answer(client, asked)
        self.answered.append((client, answer))
        if part := self.to_kill.pop(len(self.answered), None):
            self.system.kill(part)
        return answer

    async def _answer(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        for _ in range(600):
            try:
                answer = await client.send(request)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in (502, 503, 504) or "still_at_work" in answer.text:
                await asyncio.sleep(0.1)
                continue
            assert answer.status_code in (200, 201, 409), answer.text
            return answer
        raise AssertionError(f"{request.url} was never answered")

    async def spend(self) -> None:
        """Ask for money, and go on as far as there is any: whoever has it in one of four ways."""
        line = {"object_code": LINE["object_code"], "description": "x", "amount": WANTED}
        told = {"allotment_id": self.allotment["id"], "payee_id": self.payee["id"]}
        more = {"document_kind": "contract", "obligation_on": str(TODAY), "lines": [line]}
        seen = await self.once("staff", "obligations", {**told, **more}, None)
        here = f"obligations/{seen.json()['id']}"
        for verb, kind in (("certify", "reserved"), ("obligate", "obligated")):
            seen = await self.once("budget_officer", f"{here}/{verb}", None, seen)
            if seen.status_code == 409:
                assert seen.json()["code"] == "balance_exceeded", seen.text
                return
            self._note(here, kind, WANTED)
        way = next(self.obligated) % 4
        if way == 0:
            notice = {"amount": LESS, "adjusted_on": str(TODAY), "reason": "Less"}
            await self._must("budget_officer", f"{here}/adjust", notice, seen)
            self._note(here, "obligation_adjusted", LESS)
        elif way == 1:
            given_up = {"cancelled_on": str(TODAY), "reason": "Not needed"}
            await self._must("budget_officer", f"{here}/cancel", given_up, seen)
            self._note(here, "obligation_adjusted", f"-{WANTED}")
        else:
            await self._pay(here, is_voided=way == 2)

    async def _pay(self, owed: str, *, is_voided: bool) -> None:
        told = {"obligation_id": owed.rpartition("/")[2], "gross_amount": PAID}
        body = {**told, "payment_method": "lddap_ada"}
        seen = await self._must("staff", "disbursements", body, None)
        here = f"disbursements/{seen.json()['id']}"
        on = {"paid_on": str(TODAY)}
        steps = {"submit": "staff", "certify": "accountant", "approve": "manager"}
        for verb, role in steps.items():
            seen = await self._must(role, f"{here}/{verb}", None, seen)
        seen = await self._must("disbursement_officer", f"{here}/pay", on, seen)
        self._note(owed, "disbursed", PAID)
        if is_voided:
            undone = {"voided_on": str(TODAY), "reason": "Wrong account"}
            await self._must("finance_director", f"{here}/void", undone, seen)
            self._note(owed, "disbursement_voided", f"-{PAID}")

    async def _must(self, role: str, path: str, body: Any, seen: httpx.Response | None) -> Any:
        answer = await self.once(role, path, body, seen)
        assert answer.status_code in (200, 201), answer.text
        return answer

    def _note(self, owed: str, kind: str, amount: str) -> None:
        self.posted[(UUID(owed.rpartition("/")[2]), kind, Decimal(amount))] += 1

    async def ask_again(self, client: httpx.AsyncClient, first: httpx.Response) -> None:
        """Repeat what was accepted with its key: the first answer stands."""
        again = await client.send(first.request)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["idempotency-replayed"] == "true"


async def test_accepted_spending_is_in_the_ledger_once_whatever_is_killed(system: System) -> None:
    if not system.is_embedded:
        pytest.skip("kills parts of the embedded stack")
    spenders = ("budget_officer", "accountant", "disbursement_officer", "finance_director")
    roles = ("staff", "manager", *spenders)
    people = {role: system.person(role, "MOH") for role in roles}
    item = enacted(system, people["staff"])
    allotment = allotted(people, item)
    payee = {"name": "Supplier", "payee_type": "supplier"}
    payee = done(people["staff"].post(people["staff"].at("budgeting/payees"), json=payee), 201)
    writers = Writers(system, allotment, payee)
    async with AsyncExitStack() as opened:
        for role, person in people.items():
            client = httpx.AsyncClient(
                base_url=system.url, headers=dict(person.headers), timeout=60, trust_env=False
            )
            writers.people[role] = await opened.enter_async_context(client)
        async with asyncio.TaskGroup() as spending:
            for _ in range(WRITERS):
                spending.create_task(writers.spend())
        assert not writers.to_kill, "the parts were not all killed meanwhile"
        accepted = [each for each in writers.answered if each[1].status_code != 409]
        await asyncio.gather(*(writers.ask_again(*each) for each in accepted))
    assert {kind for _, kind, _ in writers.posted} == MIX
    await the_ledger_has(system, allotment["id"], writers.posted)
    command(system, "budget", "prove")
    await oversight_catches_up(system)


async def the_ledger_has(system: System, allotment_id: str, expected: Expected) -> None:
    lines = await rows(
        system,
        "budgeting",
        "SELECT obligation_id, kind, amount FROM budgeting.postings"
        " WHERE allotment_id = $1 AND obligation_id IS NOT NULL",
        UUID(allotment_id),
    )
    assert Counter(tuple(line) for line in lines) == expected
    (kept,) = await rows(
        system, "budgeting", "SELECT * FROM budgeting.allotments WHERE id = $1", UUID(allotment_id)
    )
    spent = sum(
        amount * times
        for (_, kind, amount), times in expected.items()
        if kind in ("obligated", "obligation_adjusted")
    )
    assert (kept["obligated_amount"], kept["reserved_amount"]) == (spent, 0)
    assert Decimal(WANTED) <= spent <= Decimal(LIMIT)


async def oversight_catches_up(system: System) -> None:
    """OCM shows the same to the centavo once it has heard everything."""
    (kept,) = await rows(
        system,
        "budgeting",
        "SELECT sum(appropriated_amount) AS appropriated_amount,"
        " sum(allotted_amount) AS allotted_amount, sum(obligated_amount) AS obligated_amount,"
        " sum(disbursed_amount) AS disbursed_amount"
        " FROM budgeting.appropriation_items AS i JOIN budgeting.allocations AS a"
        " ON a.org_id = i.org_id AND a.appropriation_item_id = i.id WHERE i.fiscal_year = $1",
        PAST,
    )

    def compared() -> None:
        answer = system.person("analyst", "OCM").get(f"/api/v1/ocm/budget?fiscal_year={PAST}")
        seen = {name: Decimal(done(answer)["totals"][name]) for name in MEASURES}
        assert seen == dict(kept)

    eventually(compared)


def enacted(system: System, staff: Visitor) -> dict[str, Any]:
    """Let the treasury enact one item of the year before; return it as MOH has it."""
    analyst, approver = (
        system.person("mfbm_analyst", "MFBM"),
        system.person("mfbm_approver", "MFBM"),
    )
    item = {
        "for_org_id": org_id_of(staff),
        "program_title": "Continuing care",
        "expense_class": "mooe",
        "funding_source": "block_grant",
        "amount": LIMIT,
    }
    act = {
        "fiscal_year": PAST,
        "act_reference": f"BAA {uuid4()}",
        "title": "Continuing appropriations",
        "enacted_on": f"{PAST}-01-02",
        "valid_until": f"{YEAR}-12-31",
        "items": [item],
    }
    acts = analyst.at("budgeting/appropriations")
    made = eventually(lambda: done(analyst.post(acts, json=act), 201))
    done(approver.act(f"{acts}/{made['id']}", "enact"))

    def received() -> dict[str, Any]:
        told = done(staff.get(staff.at(f"budgeting/appropriation-items?fiscal_year={PAST}")))
        ours = [each for each in told["items"] if each["appropriation_id"] == made["id"]]
        assert ours, "it is not received yet"
        found: dict[str, Any] = ours[0]
        return found

    return eventually(received)


def allotted(people: dict[str, Visitor], item: dict[str, Any]) -> dict[str, Any]:
    """Allocate and release all of an item, in house."""
    staff, manager, officer = (people[each] for each in ("staff", "manager", "budget_officer"))
    body = {"appropriation_item_id": item["id"], "amount": LIMIT, "program_title": f"{uuid4()}"}
    made = done(staff.post(staff.at("budgeting/allocations"), json=body), 201)
    done(manager.act(staff.at(f"budgeting/allocations/{made['id']}"), "approve"))
    body = {"allocation_id": made["id"], "amount": LIMIT, "quarter": 1}
    asked = done(staff.post(staff.at("budgeting/allotments"), json=body), 201)
    here = staff.at(f"budgeting/allotments/{asked['id']}")
    done(manager.act(here, "approve"))
    return done(officer.act(here, "release", {"released_on": str(TODAY)}))
