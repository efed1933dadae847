"""Indicators: what a published target says as a number, and what stays text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.indicators.model import (
    NO_TARGET,
    IndicatorKind,
    IndicatorTold,
    TargetUnit,
    indicator_keys,
    read_target,
)
from services.planning.spellings.model import LONGEST_KEY, title_key, title_keys


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("100%", "100", "percent"),
        ("0.32%", "0.32", "percent"),
        ("80 %", "80", "percent"),
        ("138", "138", "number"),
        ("0", "0", "number"),
        ("3,000", "3000", "number"),
        ("22,825,000", "22825000", "number"),
        ("244.259", "244.259", "number"),
        ("PHP 5,000.00", "5000.00", "php"),
        ("₱22,825,000", "22825000", "php"),
        ("P1,840,000.00", "1840000", "php"),
        ("999999999999999.999999", "999999999999999.999999", "number"),
    ],
)
def test_a_target_that_is_one_number_is_read_exactly(text: str, value: str, unit: str) -> None:
    assert read_target(text) == (Decimal(value), TargetUnit(unit))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ">75%",
        "<1%",
        "28203 (90%)",
        "Increasing",
        "P5",
        "1,46",
        "1,4655",
        "010",
        "-5",
        "1e3",
        "1_000",
        ".inf",
        "1 plan, 45 policies/issuances",
        "GLS: 120; OSHS: 120",
        "3% (70 to 72 P/C/M), 2% (55 to 60 B)",
        "١٢",
        "1000000000000000",
        "0.1234567",
    ],
)
def test_a_target_that_says_more_or_less_stays_text(text: str) -> None:
    assert read_target(text) == NO_TARGET


@given(st.text() | st.from_regex(r"(PHP |P)?[0-9,.]{1,40} ?%?", fullmatch=True))
def test_reading_a_target_never_fails_and_never_invents(text: str) -> None:
    value, unit = read_target(text)
    assert (value is None) == (unit is None)
    if value is not None:
        assert f"{value:f}" in text.replace(",", "")
        assert 0 <= value < 10**15
        assert value == value.quantize(Decimal("0.000001"))


def test_spellings_of_one_title_have_one_key() -> None:
    assert title_key("Quick-Response  Fund.") == title_key("QUICK RESPONSE FUND")
    assert title_key("Nutrition") != title_key("Nutrition II")
    assert title_key("!!!") == "!!!"
    assert title_key("الصحة")


def test_titles_that_repeat_are_numbered_in_their_order() -> None:
    assert title_keys(["Fund", "Other", "FUND"]) == ["fund", "other", "fund #2"]
    long = ["x" * 300 + tail for tail in ("a", "b")]
    assert [len(key) for key in title_keys(long)] == [LONGEST_KEY, LONGEST_KEY + 3]


@given(st.lists(st.text(max_size=5)))
def test_no_two_titles_of_a_file_share_a_key(titles: list[str]) -> None:
    keys = title_keys(titles)
    assert len(set(keys)) == len(titles)


def test_the_same_text_as_outcome_and_output_is_two_indicators() -> None:
    told = [IndicatorTold(kind, "Clinics", "1") for kind in IndicatorKind]
    assert len(set(indicator_keys([*told, *told]))) == 4
