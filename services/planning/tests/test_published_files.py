"""The published files of twelve organizations: imported to the centavo, or reported by the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from services.planning.ppa_files.model import RowKind
from services.planning.ppa_imports.schemas import Tally
from services.planning.tests.factories import adds_up, everything, import_from

IMPORTED = {
    "mafar.yaml": ("MAFAR", 90),
    "mbhte.yaml": ("MBHTE", 152),
    "mfbm.yaml": ("MFBM", 48),
    "milg.yaml": ("MILG", 50),
    "moh.yaml": ("MOH", 334),
    "mole.yaml": ("MOLE", 109),
    "oobc.yaml": ("OOBC", 14),
}
REPORTED = {
    "bhrc.yaml": (27, "--as BHRC=BCHRC"),
    "bpda.yaml": (20, "no entry has a similar name"),
    "byc.yaml": (29, "--as BYC=BYDC"),
    "mpw.yaml": (43, "--as MPW=MPWH"),
    "mtit.yaml": (70, "--as MTIT=MTI"),
}


def texts(path: Path) -> dict[str, Any]:
    """Read a file without any of our own reading; every scalar stays the text it is."""
    content: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)
    return content


def all_of(published: Path) -> list[Path]:
    return sorted(published.glob("*.yaml"))


def counted_apart(path: Path) -> Counter[RowKind]:
    content = texts(path)
    indicators = [
        indicator
        for ppa in content["ppas"]
        for name in ("outcome_indicators", "output_indicators")
        for indicator in ppa[name]
    ]
    return Counter(
        {
            RowKind.ppa: len(content["ppas"]),
            RowKind.indicator: len(indicators),
            RowKind.special_provision: len(content.get("special_provisions", [])),
        }
    )


async def test_the_published_files_are_imported_or_reported_row_by_row(
    store: Database, database: ServiceDatabase, published: Path, whole_register: None
) -> None:
    files = all_of(published)
    reports = {report.file: report for report in await import_from(store, *files)}
    assert set(reports) == set(IMPORTED) | set(REPORTED)
    for path in files:
        report, rows = reports[path.name], counted_apart(path)
        assert {kind: tally.read for kind, tally in report.tallies.items() if tally.read} == +rows
        assert adds_up(report)
    for name, (code, rows_read) in IMPORTED.items():
        assert (reports[name].organization, reports[name].is_clean) == (code, True)
        assert reports[name].total == Tally(read=rows_read, imported=rows_read)
    for name, (rows_read, hint) in REPORTED.items():
        assert hint in reports[name].fault
        assert reports[name].total == Tally(read=rows_read, reported=rows_read)
        assert len(reports[name].reported) == rows_read
        assert all(row.line > 0 and row.path and row.reason for row in reports[name].reported)
    stored = await everything(database)
    assert len(stored["ppas"]) == len(stored["outbox"]) == 98
    assert len(stored["ppa_indicators"]) == 630
    assert len(stored["special_provisions"]) == 69


async def test_a_second_run_changes_nothing(
    store: Database, database: ServiceDatabase, published: Path, whole_register: None
) -> None:
    files = all_of(published)
    await import_from(store, *files)
    before = await everything(database)
    again = {report.file: report for report in await import_from(store, *files)}
    assert await everything(database) == before
    for name, (_, rows_read) in IMPORTED.items():
        assert again[name].total == Tally(read=rows_read, unchanged=rows_read)
    for name, (rows_read, _) in REPORTED.items():
        assert again[name].total == Tally(read=rows_read, reported=rows_read)


async def test_amounts_and_targets_are_those_of_the_published_text(
    store: Database, database: ServiceDatabase, published: Path, whole_register: None
) -> None:
    names = {"MPW": "MPWH", "MTIT": "MTI", "BHRC": "BCHRC", "BYC": "BYDC"}
    await import_from(store, *all_of(published), chosen=names)
    stored = await everything(database)
    told_amounts: Counter[tuple[str, str]] = Counter()
    told_targets: Counter[str] = Counter()
    for path in all_of(published):
        content = texts(path)
        if content["acronym"] == "BPDA":
            continue
        for ppa in content["ppas"]:
            told_amounts[ppa["title"], ppa["approved_budget"]] += 1
            for row in (*ppa["outcome_indicators"], *ppa["output_indicators"]):
                told_targets[row["target"].replace("null", "")] += 1
    assert told_amounts == Counter(
        (row["title"], str(row["approved_budget_amount"])) for row in stored["ppas"]
    )
    assert told_targets == Counter(row["target_text"] for row in stored["ppa_indicators"])
    read = {row["target_text"]: row["target_value"] for row in stored["ppa_indicators"]}
    assert read["244.259"] == Decimal("244.259")
    assert read["22,825,000"] == 22_825_000
    assert read["2.73%"] == Decimal("2.73")
    assert read["<1%"] is None
    assert read["28203 (90%)"] is None


def test_files_are_named_once(published: Path) -> None:
    names: Sequence[str] = sorted(path.name for path in published.glob("*.yaml"))
    assert names == sorted([*IMPORTED, *REPORTED])
