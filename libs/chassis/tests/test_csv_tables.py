"""CSV: what a spreadsheet would run is quoted, what is a number is not."""

from __future__ import annotations

import pytest

from libs.chassis.csv_tables import csv_of


@pytest.mark.parametrize(
    "cell", ["=1+1", "+63 917", "-1+2", "@here", "\tx", "-", "-5.0.1", "-5\n", " =1", "\uff1d1"]
)
def test_what_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert csv_of(["a"], [["x", cell]]).splitlines()[1].replace('"', "").startswith(f"x,'{cell[0]}")


@pytest.mark.parametrize("cell", ["-5", "-1234.50", "12", "words = none"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert csv_of(["a", "b"], [[cell, ""]]) == f"a,b\r\n{cell},\r\n"
