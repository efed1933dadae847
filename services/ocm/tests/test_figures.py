"""Cells: what is added up, what is divided, and what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from services.ocm.budget_overview.usecases import budget_figures
from services.ocm.coordination_overview.usecases import coordination_figures
from services.ocm.figures.model import Cell, Cells, percent
from services.ocm.figures.usecases import Consolidation, Reporter
from services.ocm.needs_overview.usecases import needs_figures
from services.ocm.planning_overview.usecases import has_plan, planning_figures
from services.ocm.source_freshness.model import Freshness, freshness
from services.ocm.source_freshness.schemas import SourceRead

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def cells(*told: tuple[str, str, int, str | None, str | None]) -> Cells:
    def number(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return Cells(
        (measure, key, Cell(count, number(amount), number(other)))
        for measure, key, count, amount, other in told
    )


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(0, 5, "0.00"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 800, "0.13"), (3, 2, "150.00")],
)
def test_a_rate_has_two_decimals_rounded_half_up(part: int, whole: int, rate: str) -> None:
    assert str(percent(part, whole)) == rate


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (None, 5), (5, None)])
def test_a_rate_without_a_denominator_is_unknown(part: int | None, whole: int | None) -> None:
    assert percent(part, whole) is None


def test_nothing_reported_is_unknown_and_never_zero() -> None:
    for figures in (planning_figures, budget_figures, needs_figures, coordination_figures):
        assert set(dict(figures(Cells())).values()) == {None}
    assert has_plan(Cells()) is None


def test_the_rate_of_a_total_is_the_rate_of_the_sums() -> None:
    small = cells(("proposal", "approved", 1, "10.00", "10.00"))
    large = cells(("proposal", "approved", 1, "990.00", "490.00"))
    assert budget_figures(small).approval_rate_by_value == Decimal("100.00")
    both = budget_figures(Cells([*small, *large]))
    assert both.approval_rate_by_value == Decimal("50.00")  # the mean of the rates is 74.75


def test_only_decided_proposals_are_in_the_approval_rates() -> None:
    told = budget_figures(
        cells(
            ("proposal", "submitted", 1, "500.00", None),
            ("proposal", "approved", 1, "200.00", "150.00"),
            ("proposal", "rejected", 1, "100.00", None),
            ("proposal", "returned", 1, "70.00", None),
            ("class", "ps", 2, "700.00", "150.00"),
        )
    )
    assert told.proposed_amount == Decimal("700.00")
    assert told.approved_amount == Decimal("150.00")
    assert told.decided_requested_amount == Decimal("300.00")
    assert told.approval_rate_by_value == Decimal("50.00")
    assert told.approval_rate_by_count == Decimal("50.00")
    assert told.by_class is not None
    assert sum(each.proposed_amount for each in told.by_class) == told.proposed_amount


def test_reported_but_undecided_is_zero_approved_and_no_rate() -> None:
    told = budget_figures(cells(("proposal", "submitted", 1, "500.00", None)))
    assert told.approved_amount == 0
    assert told.approval_rate_by_value is None
    assert told.approval_rate_by_count is None


def test_an_unknown_amount_stays_out_of_a_sum() -> None:
    unknown = cells(("ppa", "planning", 3, None, "6"))
    assert planning_figures(unknown).ppas_approved_budget_amount is None
    both = Cells([*unknown, *cells(("ppa", "planning", 1, "9.50", "2"))])
    assert planning_figures(both).ppas_approved_budget_amount == Decimal("9.50")
    assert planning_figures(both).ppa_indicators_count == 8


def test_goal_progress_is_weighted_over_all_plans() -> None:
    one = cells(("plan", "active", 1, None, None), ("progress", "", 0, "10000", "100"))
    other = cells(("plan", "active", 1, None, None), ("progress", "", 0, "1000", "50"))
    assert planning_figures(Cells([*one, *other])).goal_progress == Decimal("73.33")
    assert planning_figures(cells(("progress", "", 0, "0", "0"))).goal_progress is None


def test_everything_is_known_as_of_the_source_that_is_known_least() -> None:
    def source(confirmed_at: datetime | None) -> SourceRead:
        return SourceRead(
            source="planning",
            applied_seq=1,
            head_seq=1,
            lag_seconds=None,
            confirmed_at=confirmed_at,
            status=freshness(confirmed_at, NOW),
        )

    late, later = source(NOW - timedelta(minutes=5)), source(NOW)
    assert Consolidation(2026, [late, later], []).head["as_of"] == late.confirmed_at
    assert Consolidation(2026, [late, source(None)], []).head["as_of"] is None


@pytest.mark.parametrize(
    ("minutes", "status"), [(0, "fresh"), (30, "fresh"), (31, "stale"), (None, "unknown")]
)
def test_a_source_is_stale_after_30_minutes(minutes: int | None, status: str) -> None:
    confirmed_at = None if minutes is None else NOW - timedelta(minutes=minutes)
    assert freshness(confirmed_at, NOW) == Freshness(status)


def test_coverage_counts_an_organization_once() -> None:
    told = Reporter(
        uuid4(), None, cells(("plan", "active", 1, None, None), ("ppa", "x", 2, "1", "1"))
    )
    silent = Reporter(uuid4(), None, Cells())
    found = Consolidation(2026, [], [told, silent])
    assert (found.coverage().others_reported, found.coverage().others_of) == (1, 2)
    assert found.coverage("proposal").others_reported == 0
    assert (found.coverage().reported, found.coverage().of) == (0, 0)
