"""Reports: what the ledger said on a day, frozen, printed, and known again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncpg
import pytest
from anyio import to_thread
from fastapi import FastAPI
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from libs.chassis.csv_tables import CSV
from libs.chassis.files import XLSX
from libs.chassis.testing import Person, ServiceDatabase
from services.budgeting.check_report import main as check_report
from services.budgeting.report_figures.model import ReportKind
from services.budgeting.report_files.model import PDF
from services.budgeting.tests.spending import YEAR, Spending, funded

LAST = f"{YEAR}-04-30"


@pytest.fixture
async def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


async def year_of(app: FastAPI, spending: Spending) -> None:
    """Spend through two quarters: one class with a notice and a void, another untouched."""
    allocation = await funded(app.state.database, office="Field unit")
    await funded(app.state.database, amount="500.00", expense_class="co", program_title="Clinics")
    first = await spending.allotted(allocation, "400.00")
    second = await spending.allotted(allocation, "300.00", quarter=2)
    payee, by = await spending.payee(), spending.officer
    one = await spending.obligated(first, payee, "200.00")
    await spending.done(by, "obligations", one, "deliver", delivered_on=f"{YEAR}-02-10")
    two = await spending.obligated(second, payee, "100.00", obligation_on=f"{YEAR}-04-15")
    await spending.done(
        by,
        "obligations",
        two,
        "adjust",
        amount="-20.00",
        adjusted_on=f"{YEAR}-04-20",
        reason="Fewer boxes",
    )
    await spending.paid(one, "150.00", on=f"{YEAR}-03-31")
    wrong = await spending.paid(two, "30.00", on=f"{YEAR}-04-25")
    void = {"voided_on": f"{YEAR}-04-26", "reason": "Wrong account"}
    await spending.done(by, "disbursements", wrong, "void", **void)


async def report(spending: Spending, kind: str, **changes: Any) -> dict[str, Any]:
    body = {"kind": kind, "fiscal_year": YEAR, "as_of": LAST, **changes}
    return await spending.make("reports", **body)


def by_key(told: dict[str, Any], row: list[str | None]) -> dict[str, str | None]:
    keys = [column["key"] for column in told["figures"]["columns"]]
    return dict(zip(keys, row, strict=True))


async def test_the_statement_adds_up_as_of_any_day(app: FastAPI, spending: Spending) -> None:
    await year_of(app, spending)
    told = await report(spending, "saaodb")
    rows = [by_key(told, row) for row in told["figures"]["rows"]]
    assert [(row["program_title"], row["expense_class"]) for row in rows] == [
        ("Clinics", "co"),
        ("Primary care", "mooe"),
    ]
    care = rows[1]
    expected = {
        "authorised": "1000.00",
        "received": "700.00",
        "obligated_q1": "200.00",
        "obligated_q2": "80.00",
        "obligated": "280.00",
        "disbursed_q1": "150.00",
        "disbursed_q2": "0.00",
        "unreleased": "300.00",
        "unobligated": "420.00",
        "due": "50.00",
        "not_yet_due": "80.00",
    }
    assert {key: care[key] for key in expected} == expected
    totals = by_key(told, told["figures"]["totals"])
    for key in expected:
        assert Decimal(totals[key] or 0) == sum(Decimal(row[key] or 0) for row in rows)
    earlier = await report(spending, "saaodb", as_of=f"{YEAR}-03-30")
    care = by_key(earlier, earlier["figures"]["rows"][1])
    assert (care["obligated"], care["disbursed"], care["due"]) == ("200.00", "0.00", "200.00")
    assert (told["number"], earlier["number"]) == (1, 2)
    assert told["content_hash"] != earlier["content_hash"]


async def test_every_report_says_the_same_of_the_same_ledger(
    app: FastAPI, spending: Spending
) -> None:
    await year_of(app, spending)
    status = await report(spending, "status", group_by="expense_class")
    mooe = by_key(status, status["figures"]["rows"][1])
    assert (mooe["obligation_rate"], mooe["utilisation"]) == ("40.00", "15.00")
    co = by_key(status, status["figures"]["rows"][0])
    assert (co["release_rate"], co["obligation_rate"]) == ("0.00", None)
    offices = await report(spending, "status", group_by="office")
    told = {row[0]: by_key(offices, row) for row in offices["figures"]["rows"]}
    assert (told["Field unit"]["allotted"], told["Field unit"]["obligated"]) == ("700.00", "280.00")
    assert told["no office named"]["appropriated"] == "1500.00"
    raod = await report(spending, "raod")
    last = by_key(raod, raod["figures"]["rows"][-1])
    assert (last["unobligated"], last["unpaid"]) == ("420.00", "130.00")
    aging = by_key(owed := await report(spending, "payables"), owed["figures"]["totals"])
    assert (aging["unpaid"], aging["not_yet_due"], aging["days_90"]) == ("130.00", "80.00", "50.00")
    lapsing = await report(spending, "lapsing")
    care = next(
        by_key(lapsing, row) for row in lapsing["figures"]["rows"] if row[0] == "Primary care"
    )
    assert (care["unobligated"], care["days_left"]) == ("720.00", "245")
    assert care["needed_per_day"] == "2.94"
    assert (await report(spending, ReportKind.proposal_book))["figures"]["rows"] == []
    await the_work_is_as_of_the_day(spending)


async def the_work_is_as_of_the_day(spending: Spending) -> None:
    allocations = (await spending.staff.get(spending.at("allocations"))).json()["items"]
    plan = {"unit": "lot", "quantity": "10", "estimated_cost_amount": "10.00"}
    item = await spending.make(
        "work-items",
        **plan,
        allocation_id=allocations[0]["id"],
        title="Plan",
        target_completion_on=f"{YEAR}-03-31",
    )
    by = spending.staff
    for quantity, on in (("2", f"{YEAR}-02-28"), ("5", f"{YEAR}-04-15")):
        told = {"accomplished_quantity": quantity, "accomplished_on": on}
        await spending.done(by, "work-items", item, "advance", **told)
    late = {"accomplished_quantity": "6", "accomplished_on": f"{YEAR + 2}-01-01"}
    refused = await spending.act(by, "work-items", item, "advance", **late)
    assert (refused.status_code, refused.json()["code"]) == (422, "accomplished_in_future")
    await spending.done(by, "work-items", item, "cancel", reason="Given up")
    for as_of, done, remark in ((f"{YEAR}-03-31", "2", ""), (LAST, "5", "late")):
        told = await report(spending, "physical_report", as_of=as_of)
        line = by_key(told, told["figures"]["rows"][0])
        assert (line["accomplished"], line["remark"]) == (done, remark)
    today = await report(spending, "physical_plan", as_of=None)
    assert today["figures"]["rows"] == []


async def check(spending: Spending, kind: str, content: bytes) -> Any:
    return await spending.staff.post(
        spending.at("reports/check"),
        content=content,
        headers={"Content-Type": {"xlsx": XLSX, "pdf": PDF, "csv": CSV}[kind]},
    )


async def test_a_file_is_known_again_and_a_changed_one_betrays_its_line(
    app: FastAPI, spending: Spending
) -> None:
    await year_of(app, spending)
    told = await report(spending, "saaodb")
    here = spending.at(f"reports/{told['id']}")
    for kind in ("xlsx", "pdf", "csv"):
        content = (await spending.staff.get(f"{here}/report.{kind}")).content
        again = (await spending.staff.get(f"{here}/report.{kind}")).content
        assert content == again
        answer = await check(spending, kind, content)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["is_unchanged"], answer.json()["is_current"]) == (True, True)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO((await spending.staff.get(f"{here}/report.xlsx")).content)
    )
    stated = [row[:2] for row in book.get_sheet_by_name("Report").to_python()[1:9]]
    assert [label for label, _ in stated] == [
        "Organization",
        "Filters",
        "As of",
        "Known at",
        "Version",
        "Made by",
        "Layout",
        "Content hash",
    ]
    printed = PdfReader(io.BytesIO((await spending.staff.get(f"{here}/report.pdf")).content))
    words = "\n".join(page.extract_text() for page in printed.pages)
    assert told["content_hash"] in words
    assert str(spending.staff.user_id) in words
    assert "Unofficial layout" in words
    nothing = await check(spending, "xlsx", b"PK no workbook")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "file_not_readable")


async def sign(by: Person, spending: Spending, told: dict[str, Any], verb: str, **more: Any) -> Any:
    body = {"name": f"Signer {by.user_id}", "position": "Officer III", **more}
    return await by.post(spending.at(f"reports/{told['id']}/{verb}"), json=body)


async def test_two_certify_and_a_third_approves(
    app: FastAPI, spending: Spending, database: ServiceDatabase
) -> None:
    await year_of(app, spending)
    told = await report(spending, "payables")
    here = spending.at(f"reports/{told['id']}/report.pdf")
    unsigned = (await spending.staff.get(here, params={"paper": "long"})).content
    assert PdfReader(io.BytesIO(unsigned)).pages[0].mediabox.width == 936
    budget, accounts, head = spending.officer, spending.accountant, spending.head

    async def refused(by: Person, verb: str, **more: Any) -> tuple[int, str]:
        answer = await sign(by, spending, told, verb, **more)
        return answer.status_code, answer.json()["code"]

    assert await refused(head, "approve") == (409, "report_not_certified")
    assert await refused(head, "submit") == (409, "report_not_approved")
    assert (await sign(budget, spending, told, "certify-budget")).status_code == 200
    assert await refused(accounts, "certify-budget") == (409, "report_signed")
    assert await refused(budget, "certify-accounts") == (403, "signer_twice")
    certified = await sign(accounts, spending, told, "certify-accounts")
    assert certified.json()["state"] == "certified"
    for somebody in (spending.staff, accounts):
        assert await refused(somebody, "approve") == (403, "signer_twice")
    approved = (await sign(head, spending, told, "approve")).json()
    assert (approved["state"], approved["allowed_actions"]) == ("approved", ["submit"])
    early = await refused(budget, "submit", submitted_on=f"{YEAR}-04-29")
    assert early == (422, "submitted_in_future")
    handed_in = (await sign(budget, spending, told, "submit")).json()
    assert [each["capacity"] for each in handed_in["signatures"]][-1] == "submitter"
    assert (handed_in["state"], handed_in["quarter"]) == ("submitted", 2)
    signed = (await spending.staff.get(here)).content
    assert str(head.user_id) in "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(signed)).pages
    )
    for content in (unsigned, signed):
        found = (await check(spending, "pdf", content)).json()
        assert (found["is_unchanged"], found["differing_lines"]) == (True, [])
    await announced(database, told)


async def announced(database: ServiceDatabase, told: dict[str, Any]) -> None:
    connection = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    rows = await connection.fetch(
        "SELECT data FROM budgeting.outbox WHERE subject = 'budgeting.report.finalised.v1'"
    )
    await connection.close()
    [data] = [json.loads(each["data"]) for each in rows]
    assert (data["report_id"], data["quarter"]) == (told["id"], 2)
    assert data["content_hash"] == told["content_hash"]
    assert data["totals"]["unpaid"] == "130.00"


def tampered(content: bytes) -> bytes:
    """Return the workbook with one figure changed by hand, zipped anew."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as book, ZipFile(target, "w") as changed:
        for name in book.namelist():
            part = book.read(name)
            changed.writestr(name, part.replace(b"<v>280</v>", b"<v>281</v>"))
    return target.getvalue()


async def test_a_changed_figure_is_named(app: FastAPI, spending: Spending) -> None:
    await year_of(app, spending)
    told = await report(spending, "status", group_by="expense_class")
    here = spending.at(f"reports/{told['id']}/report.xlsx")
    answer = await check(spending, "xlsx", tampered((await spending.staff.get(here)).content))
    found = answer.json()
    assert (found["is_unchanged"], found["is_current"]) == (False, True)
    assert "281" in found["differing_lines"][0]
    assert all(line.startswith(("file: ", "record: ")) for line in found["differing_lines"])


async def test_the_command_knows_a_file_by_its_organization_and_hash(
    app: FastAPI, spending: Spending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await year_of(app, spending)
    told = await report(spending, "status", group_by="expense_class")
    here = spending.at(f"reports/{told['id']}/report")
    content = (await spending.staff.get(f"{here}.xlsx")).content
    table = (await spending.staff.get(f"{here}.csv")).content
    url = app.state.database.engine.url.render_as_string(hide_password=False)
    for name in ("DATABASE_URL", "WORKER_DATABASE_URL", "RELAY_DATABASE_URL"):
        monkeypatch.setenv(f"BUDGETING_{name}", url)
    monkeypatch.setenv("BUDGETING_ISSUER", "http://issuer.test")
    monkeypatch.setenv("BUDGETING_JWKS_URL", "http://issuer.test/jwks")
    for number, (data, code) in enumerate(
        ((content, 0), (tampered(content), 1), (table, 0), (b"nothing", 2))
    ):
        file = tmp_path / f"{number}.xlsx"
        file.write_bytes(data)
        assert await to_thread.run_sync(check_report, [str(file)]) == code
