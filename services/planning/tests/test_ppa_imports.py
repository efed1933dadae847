"""Imports: what becomes of each row of a file, of a corrected one and of a faulty one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.database import Database
from libs.chassis.testing import CountedStatements, Person, ServiceDatabase
from services.planning.ppa_files.model import RowKind
from services.planning.ppa_imports.schemas import FileReport, Tally
from services.planning.tests.factories import (
    MOH_FILE,
    adds_up,
    announced,
    apply,
    everything,
    import_from,
)

Register = Callable[..., Awaitable[None]]


@pytest.fixture
def of_moh(store: Database, register: Register, tmp_path: Path) -> Callable[..., Awaitable[Any]]:
    """Give a function that imports a text as MOH's file and returns the report on it."""

    async def imported(content: str, name: str = "moh.yaml", **options: Any) -> FileReport:
        await register(MOH="Ministry of Health")
        file = tmp_path / name
        file.write_text(content)
        (report,) = await import_from(store, file, **options)
        return report

    return imported


async def test_an_imported_ppa_reads_as_published(
    of_moh: Callable[..., Awaitable[FileReport]], person: Callable[..., Person]
) -> None:
    await of_moh(MOH_FILE)
    staff = person("MOH")
    base = "/api/v1/moa/MOH/planning"
    items = (await staff.get(f"{base}/ppas", params={"sort": "code"})).json()["items"]
    assert [(each["code"], each["approved_budget_amount"]) for each in items] == [
        ("PPA-2025-001", "100.10"),
        ("PPA-2025-002", "200.20"),
    ]
    ppa = (await staff.get(f"{base}/ppas/{items[0]['id']}")).json()
    assert (ppa["status"], ppa["source_file"]) == ("planning", "moh.yaml")
    assert ppa["source_position"] == "ppas[0] (line 4)"
    assert [each["target_value"] for each in ppa["indicators"]] == ["1000", "50"]
    provisions = (await staff.get(f"{base}/special-provisions?fiscal_year=2025")).json()["items"]
    assert [each["details"] for each in provisions] == ["For calamities."]
    stranger = person("MOLE")
    for noun in ("ppas", "special-provisions"):
        assert (await stranger.get(f"/api/v1/moa/MOLE/planning/{noun}")).json()["items"] == []


async def test_a_corrected_file_updates_what_it_changes_and_nothing_else(
    of_moh: Callable[..., Awaitable[FileReport]], database: ServiceDatabase
) -> None:
    await of_moh(MOH_FILE)
    before = await everything(database)
    corrected = (
        MOH_FILE.replace("100.10", "100.11")
        .replace('target: "1,000"', "target: 900")
        .replace("- {indicator: Kits given, target: 50}", "- {indicator: Beds, target: 5}")
        .replace("For calamities.", "For floods.")
    )
    report = await of_moh(corrected)
    assert report.tallies[RowKind.ppa] == Tally(read=2, updated=1, unchanged=1)
    assert report.tallies[RowKind.indicator] == Tally(read=2, updated=1, imported=1)
    assert report.tallies[RowKind.special_provision] == Tally(read=1, updated=1)
    assert report.removed_indicators == 1
    after = await everything(database)
    assert [row["version"] for row in after["ppas"]] == [2, 1]
    assert [row["id"] for row in after["ppas"]] == [row["id"] for row in before["ppas"]]
    assert after["ppas"][1] == before["ppas"][1]
    told = [(row["subject"], row["aggregate_version"]) for row in after["outbox"]]
    registered = ("planning.ppa.registered.v1", 1)
    assert told == [registered, registered, ("planning.ppa.changed.v1", 2)]
    assert after["outbox"][2]["data"]["approved_budget_amount"] == "100.11"


async def test_what_a_person_changed_is_never_overwritten(
    of_moh: Callable[..., Awaitable[FileReport]], person: Callable[..., Person]
) -> None:
    await of_moh(MOH_FILE)
    staff = person("MOH")
    url = "/api/v1/moa/MOH/planning/ppas"
    nutrition = (await staff.get(url, params={"sort": "code"})).json()["items"][0]
    address = f"{url}/{nutrition['id']}"
    await staff.patch(address, json={"description": "By hand"}, headers={"If-Match": '"1"'})
    assert (await of_moh(MOH_FILE)).is_clean
    report = await of_moh(MOH_FILE.replace("100.10", "999.99"))
    assert [(row.path, row.line, row.follows) for row in report.reported] == [
        ("ppas[0]", 4, False),
        ("ppas[0].output_indicators[0]", 6, True),
        ("ppas[0].output_indicators[1]", 7, True),
    ]
    assert "PPA-2025-001 was changed by hand" in report.reported[0].reason
    assert (await staff.get(address)).json()["approved_budget_amount"] == "100.10"


async def test_a_ppa_registered_by_hand_stands(
    of_moh: Callable[..., Awaitable[FileReport]], person: Callable[..., Person]
) -> None:
    body = {"title": "NUTRITION", "fiscal_year": 2025}
    await person("MOH").post("/api/v1/moa/MOH/planning/ppas", json=body)
    report = await of_moh(MOH_FILE)
    assert "PPA-2025-001 of this title was registered by hand" in report.reported[0].reason
    assert report.tallies[RowKind.ppa] == Tally(read=2, imported=1, reported=1)
    assert adds_up(report)


async def test_faulty_rows_are_reported_and_the_others_imported(
    of_moh: Callable[..., Awaitable[FileReport]], database: ServiceDatabase
) -> None:
    faulty = MOH_FILE.replace("title: Immunization", "description: x").replace("100.10", "-5")
    report = await of_moh(faulty + "  - Loose\n")
    assert [(row.path, row.line, row.reason) for row in report.reported if not row.follows] == [
        ("ppas[0]", 8, "approved_budget is negative"),
        ("ppas[1]", 9, "title is missing"),
        ("special_provisions[1]", 13, "expected title and details, found “Loose”"),
    ]
    assert adds_up(report)
    assert report.total == Tally(read=6, imported=1, reported=5)
    stored = await everything(database)
    assert (stored["ppas"], stored["outbox"]) == ([], [])


async def test_equal_titles_are_two_ppas_each_time(
    of_moh: Callable[..., Awaitable[FileReport]], database: ServiceDatabase
) -> None:
    twice = MOH_FILE.replace("Immunization", "NUTRITION.")
    assert (await of_moh(twice)).tallies[RowKind.ppa] == Tally(read=2, imported=2)
    assert (await of_moh(twice)).tallies[RowKind.ppa] == Tally(read=2, unchanged=2)
    stored = await everything(database)
    assert [row["source_key"] for row in stored["ppas"]] == ["nutrition", "nutrition #2"]


async def test_a_row_that_left_the_file_is_kept_and_told(
    of_moh: Callable[..., Awaitable[FileReport]], database: ServiceDatabase
) -> None:
    await of_moh(MOH_FILE)
    report = await of_moh(
        MOH_FILE.replace("Immunization", "Vaccination").replace("Fund", "Reserve")
    )
    assert report.no_longer_in_file == ["PPA-2025-002 “Immunization”", "special provision “Fund”"]
    assert not report.is_clean
    assert len((await everything(database))["ppas"]) == 3


async def test_the_same_ppas_in_another_year_are_others(
    of_moh: Callable[..., Awaitable[FileReport]], database: ServiceDatabase
) -> None:
    await of_moh(MOH_FILE)
    report = await of_moh(MOH_FILE, fiscal_year=2026)
    assert (report.total.imported, report.no_longer_in_file) == (5, [])
    codes = {row["code"] for row in (await everything(database))["ppas"]}
    assert codes == {f"PPA-{year}-00{number}" for year in (2025, 2026) for number in (1, 2)}


async def test_a_dry_run_reports_the_same_and_keeps_nothing(
    of_moh: Callable[..., Awaitable[FileReport]], database: ServiceDatabase
) -> None:
    dry = await of_moh(MOH_FILE, is_dry_run=True)
    stored = await everything(database)
    assert not any(stored.values())
    assert await of_moh(MOH_FILE) == dry


async def test_two_files_that_disagree_do_not_overwrite_each_other(
    store: Database, register: Register, database: ServiceDatabase, tmp_path: Path
) -> None:
    await register(MOH="Ministry of Health")
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(MOH_FILE)
    second.write_text(MOH_FILE.replace("100.10", "5.00").replace("For calamities.", "Other."))
    for _ in range(2):
        kept, other = await import_from(store, first, second)
        assert kept.is_clean
        assert [row.path for row in other.reported if not row.follows] == [
            "ppas[0]",
            "special_provisions[0]",
        ]
    assert {row["version"] for row in (await everything(database))["ppas"]} == {1}


BAD: list[tuple[str, bytes | None, str]] = [
    ("absent.yaml", None, "cannot be opened: No such file"),
    ("list.yaml", b"- title: a\n", "found a list"),
    ("broken.yaml", b"moa: 'x\n", "not YAML"),
    ("stranger.yaml", b"moa: Any\nacronym: ANY\nppas: []\n", "no code ANY"),
    ("nobody.yaml", b"ppas: []\n", "the file has no acronym"),
]


async def test_one_bad_file_never_stops_the_others(
    store: Database, register: Register, tmp_path: Path
) -> None:
    await register(MOH="Ministry of Health", MOLE="Ministry of Labor and Employment")
    files: list[Path] = []
    for name, content, _ in BAD:
        files.append(tmp_path / name)
        if content is not None:
            files[-1].write_bytes(content)
    good = tmp_path / "moh.yaml"
    good.write_text(MOH_FILE)
    reports = await import_from(store, tmp_path, *files, good)
    assert "cannot be opened" in reports[0].fault
    for report, (_, _, reason) in zip(reports[1:], BAD, strict=False):
        assert reason in report.fault
    assert reports[-1].total == Tally(read=5, imported=5)


async def test_a_fault_in_the_database_rolls_one_file_back_whole(
    store: Database, register: Register, database: ServiceDatabase, tmp_path: Path
) -> None:
    await register(MOH="Ministry of Health", MOLE="Ministry of Labor and Employment")
    engine = create_async_engine(database.admin)
    async with engine.begin() as connection:
        await connection.execute(
            text("ALTER TABLE planning.special_provisions ADD CHECK (title <> 'Poison')")
        )
    await engine.dispose()
    files = [tmp_path / "moh.yaml", tmp_path / "mole.yaml"]
    files[0].write_text(MOH_FILE.replace("title: Fund", "title: Poison"))
    files[1].write_text(
        MOH_FILE.replace("Ministry of Health", "Ministry of Labor and Employment").replace(
            "MOH", "MOLE"
        )
    )
    bad, good = await import_from(store, *files)
    assert "the database refused it" in bad.fault
    assert bad.total == Tally(read=5, reported=5)
    assert good.total == Tally(read=5, imported=5)
    assert {row["source_file"] for row in (await everything(database))["ppas"]} == {"mole.yaml"}


async def test_without_the_register_nothing_is_guessed(
    store: Database, database: ServiceDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "moh.yaml"
    file.write_text(MOH_FILE)
    (report,) = await import_from(store, file)
    assert "register of organizations has not arrived" in report.fault
    await apply(store, announced("MOH", name="Ministry of Health", is_active=False))
    (report,) = await import_from(store, file)
    assert report.fault == "MOH is suspended in the register"
    assert report.total == Tally(read=5, reported=5)
    assert not any((await everything(database)).values())


async def test_an_import_takes_the_same_few_statements_for_many_rows(
    store: Database, register: Register, tmp_path: Path
) -> None:
    await register(MOH="Ministry of Health")
    rows = "".join(f"  - {{title: PPA {number}, approved_budget: 1}}\n" for number in range(200))
    file = tmp_path / "moh.yaml"
    file.write_text(f"moa: Ministry of Health\nacronym: MOH\nppas:\n{rows}")
    with CountedStatements(store.engine) as counted:
        await import_from(store, file)
    assert len(counted.statements) <= 10, counted.statements


async def test_the_list_of_special_provisions_takes_two_statements(
    of_moh: Callable[..., Awaitable[FileReport]], person: Callable[..., Person], app: Any
) -> None:
    await of_moh(MOH_FILE)
    with CountedStatements(app.state.database.engine) as counted:
        await person("MOH").get("/api/v1/moa/MOH/planning/special-provisions")
    assert len(counted.statements) <= 3, counted.statements
