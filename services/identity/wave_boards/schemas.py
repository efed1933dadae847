"""Shapes of the board, and its files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from libs.chassis.csv_tables import csv_of
from libs.chassis.shapes import ReadShape, Shape
from services.identity.readiness.schemas import Readiness
from services.identity.waves.model import MOST_ORGANIZATIONS, Wave
from services.identity.waves.schemas import BlockerRead, MilestoneRead, WaveRead


class BoardWave(WaveRead):
    """A wave on the board: who is in it and how ready, what is due, what blocks."""

    organizations: list[Readiness]
    milestones: list[MilestoneRead]
    open_blockers: list[BlockerRead]
    readiness: int


class Board(ReadShape):
    """Every wave by number, and the organizations that are in none."""

    waves: list[BoardWave]
    unassigned: list[Readiness]


class ProposedWave(ReadShape):
    """A wave that could be planned so; nothing is planned by proposing it."""

    number: int
    planned_from: date
    planned_until: date
    organizations: list[Readiness]


class Proposal(ReadShape):
    """Waves for everyone who is in none yet, the readiest first."""

    waves: list[ProposedWave]


class ProposalParams(Shape):
    """How many organizations a wave takes."""

    places: Annotated[int, Field(ge=1, le=100)] = MOST_ORGANIZATIONS


def board_csv(board: Board) -> str:
    """Return the heat map as a table; no cell is a formula."""
    checks = ("focal_named", "admin_there", "staff_imported", "training_done", "data_loaded")
    columns = ("wave", "wave_status", "code", "name", "status", "readiness", *checks)
    rows = [
        (wave.number, wave.status.value, each)
        for wave in board.waves
        for each in wave.organizations
    ]
    told = []
    for number, status, each in [*rows, *(("", "", each) for each in board.unassigned)]:
        cells = [number, status, each.code, each.name, each.status, each.percent]
        cells += ["yes" if getattr(each, name) else "no" for name in checks]
        told.append([str(value) for value in cells])
    return csv_of(columns, told)


def calendar(waves: Iterable[Wave], *, host: str, now: datetime) -> str:
    """Return the waves as whole-day events (RFC 5545); the end is the day after the last."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//BMMS//waves//EN", "CALSCALE:GREGORIAN"]
    for wave in waves:
        ends = wave.planned_until + timedelta(days=1)
        state = {"cancelled": "CANCELLED", "planned": "TENTATIVE"}.get(wave.status, "CONFIRMED")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{wave.id}@{host}",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{wave.planned_from:%Y%m%d}",
            f"DTEND;VALUE=DATE:{ends:%Y%m%d}",
            f"SEQUENCE:{wave.version}",
            f"STATUS:{state}",
            *_folded(f"SUMMARY:{_escaped(f'Wave {wave.number}: {wave.name}')}"),
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _escaped(text: str) -> str:
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def _folded(line: str) -> list[str]:
    """Return the line in pieces of at most 75 octets, continued by a blank (RFC 5545, 3.1)."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > 74:
            pieces.append(piece)
            piece = " "
        piece += character
    return [*pieces, piece]
