"""Published files: every row is read exactly, or is a fault with its place."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.planning.ppa_files.model import (
    AmountNotValid,
    FileNotReadable,
    PpaFile,
    RowKind,
    read_amount,
)
from services.planning.ppa_files.schemas import read_ppa_file

GOOD = """\
moa: "Ministry of Health"
acronym: "MOH"
ppas:
  - title: "Quick  Response Fund"
    description: ""
    outcome_indicators:
      - indicator: "Response within a day"
        target: "100%"
    output_indicators:
      - indicator: "Stations"
        target: 244.259
      - indicator: "Trainings"
        target: null
    approved_budget: 8783529.10
  - title: Immunization
special_provisions:
  - title: "Fund"
    details: |
      Used exclusively for
      calamities.
"""


def read(text: str) -> PpaFile:
    return read_ppa_file(text.encode())


def faults(file: PpaFile) -> list[tuple[str, int, str]]:
    return [(each.place.path, each.place.line, each.reason) for each in file.faults]


def test_a_good_file_is_read_to_the_last_digit() -> None:
    file = read(GOOD)
    assert (file.moa, file.acronym, file.faults) == ("Ministry of Health", "MOH", ())
    first, second = file.ppas
    assert (first.title, first.key) == ("Quick Response Fund", "quick response fund")
    assert str(first.approved_budget_amount) == "8783529.10"
    assert [row.told.target_text for row in first.indicators] == ["100%", "244.259", ""]
    assert [str(place) for place in first.places] == [
        "ppas[0] (line 4)",
        "ppas[0].outcome_indicators[0] (line 7)",
        "ppas[0].output_indicators[0] (line 10)",
        "ppas[0].output_indicators[1] (line 12)",
    ]
    assert (second.approved_budget_amount, second.indicators) == (None, ())
    assert file.provisions[0].details == "Used exclusively for\ncalamities."


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("8783529.00", "8783529.00"),
        ("6028570000.5", "6028570000.50"),
        ("9007199254740993.37", "9007199254740993.37"),
        ("8,783,529", "8783529.00"),
        ("P1,000.50", "1000.50"),
        ("1.5000", "1.50"),
        ("0", "0.00"),
    ],
)
def test_an_amount_is_read_to_the_centavo(text: str, amount: str) -> None:
    assert str(read_amount(text)) == amount
    assert read_amount(" ") is None


@pytest.mark.parametrize(
    "text", ["-1", "1.005", "8.78e6", ".inf", "1_000", "12,34", "007", "free", "1" * 17, "1 000"]
)
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountNotValid):
        read_amount(text)


@given(st.decimals(min_value=0, max_value=Decimal(10) ** 15, places=2))
def test_every_amount_of_pesos_and_centavos_survives(amount: Decimal) -> None:
    assert read_amount(str(amount)) == amount
    assert read_amount(f"{amount:,}") == amount


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"- a\n- b\n", "line 1: expected moa, acronym and ppas at the top, found a list"),
        (b"just text", "found .just text"),
        (b"moa: [unclosed", "line 1: not YAML"),
        (b"moa: a\n\tacronym: b", "line 2: not YAML"),
        (b"a: 1\n---\nb: 2\n", "not YAML"),
        (b"moa: \xff", "not UTF-8 at byte 5"),
        (b"moa: a\x00", "not YAML"),
        (b"[" * 2_000, "nested too deeply"),
        (b"ppas: []\nmoa: a\nppas: []\n", "line 3: .ppas. stands there twice"),
        (b" " * (5 * 1024 * 1024 + 1), "larger than 5 MiB"),
        (b"ppas: [" + b"a," * 10_001 + b"]", "more than 10000 rows"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(FileNotReadable, match=reason):
        read_ppa_file(content)


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "reason"),
    [
        ('title: "Quick  Response Fund"', "title: ' '", "ppas[0]", 4, "title is missing"),
        ('title: "Quick  Response Fund"', f"title: {'x' * 256}", "ppas[0]", 4, "title is longer"),
        ("8783529.10", "-1.00", "ppas[0]", 14, "approved_budget is negative"),
        ("8783529.10", "{php: 1}", "ppas[0]", 14, "approved_budget is a mapping"),
        ('description: ""', "description: [a]", "ppas[0]", 5, "description is a list"),
        ('description: ""', 'description: "\\0"', "ppas[0]", 5, "description holds a character"),
        ('description: ""', "title: again", "ppas[0]", 5, "title stands there twice"),
    ],
)
def test_a_faulty_ppa_takes_its_indicators_with_it(
    old: str, new: str, path: str, line: int, reason: str
) -> None:
    file = read(GOOD.replace(old, new))
    assert [row.title for row in file.ppas] == ["Immunization"]
    found = faults(file)
    assert found[0][:2] == (path, line)
    assert found[0][2].startswith(reason)
    assert [place for place, _, _ in found[1:]] == [
        "ppas[0].outcome_indicators[0]",
        "ppas[0].output_indicators[0]",
        "ppas[0].output_indicators[1]",
    ]
    assert [fault.follows for fault in file.faults] == [False, True, True, True]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'indicator: "Stations"',
            "indicator: null",
            ("ppas[0].output_indicators[0]", 10, "indicator is missing"),
        ),
        (
            "target: 244.259",
            "target: [1, 2]",
            ("ppas[0].output_indicators[0]", 11, "target is a list, expected a text"),
        ),
        (
            '- indicator: "Trainings"\n        target: null',
            "- Trainings",
            (
                "ppas[0].output_indicators[1]",
                12,
                "expected indicator and target, found “Trainings”",
            ),
        ),
        (
            "approved_budget: 8783529.10",
            "approved_budget: 8783529.10\n    remarks: [late]",
            ("ppas[0].remarks", 15, "the register has no place for this field"),
        ),
        (
            "  - title: Immunization",
            "  - title: Immunization\n    output_indicators: none",
            ("ppas[1].output_indicators", 16, "expected a list, found “none”"),
        ),
        (
            "  - title: Immunization",
            "  - title: Immunization\n  - Nutrition",
            ("ppas[2]", 16, "expected title and budget, found “Nutrition”"),
        ),
        (
            'title: "Fund"',
            "title: ~",
            ("special_provisions[0]", 17, "title is missing"),
        ),
        (
            "special_provisions:",
            "remarks: {}\nspecial_provisions:",
            ("remarks", 16, "the register has no place for this field"),
        ),
    ],
)
def test_a_fault_leaves_the_rest_of_the_file(
    old: str, new: str, expected: tuple[str, int, str]
) -> None:
    file = read(GOOD.replace(old, new))
    assert faults(file) == [expected]
    assert [row.title for row in file.ppas] == ["Quick Response Fund", "Immunization"]


@pytest.mark.parametrize("ppas", ["ppas: null", "ppas: many", "programs: []"])
def test_a_file_without_a_list_of_ppas_says_so(ppas: str) -> None:
    file = read(f"moa: a\nacronym: b\n{ppas}\n")
    assert file.ppas == ()
    assert any(fault.place.path == "ppas" for fault in file.faults)
    assert all(fault.place.kind == RowKind.field for fault in file.faults)


def test_equal_titles_are_numbered_and_a_faulty_one_counts() -> None:
    text = "moa: a\nacronym: b\nppas:\n" + "  - title: Fund\n    approved_budget: {}\n" * 3
    file = read(text.format("1", "-1", "2"))
    assert [row.key for row in file.ppas] == ["fund", "fund #3"]
    assert {key for _, key in file.named} == {"fund", "fund #2", "fund #3"}


def test_the_digest_sees_every_kept_detail_and_nothing_else() -> None:
    first = read(GOOD).ppas[0].digest
    moved = "\n" + GOOD.replace("  - title: Immunization\n", "")
    assert read(moved).ppas[0].digest == first
    for old, new in (
        ("Quick  Response", "Swift Response"),
        ("8783529.10", "8783529.11"),
        ('description: ""', "description: new"),
        ("target: null", "target: 5"),
        ("Stations", "station"),
    ):
        assert read(GOOD.replace(old, new)).ppas[0].digest != first


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_no_content_makes_reading_fail_otherwise(content: bytes) -> None:
    with contextlib.suppress(FileNotReadable):
        read_ppa_file(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["title", "approved_budget", "output_indicators", "indicator", "target", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ppas=JSON, provisions=JSON)
def test_every_item_of_any_shape_is_a_row_or_a_fault(ppas: object, provisions: object) -> None:
    told = {"moa": "a", "acronym": "b", "ppas": ppas, "special_provisions": provisions}
    file = read_ppa_file(yaml.safe_dump(told, allow_unicode=True).encode())
    places = [*file.places, *(fault.place for fault in file.faults)]
    paths = [place.path for place in places]
    assert len(set(paths)) == len(paths)
    for name, items in (("ppas", ppas), ("special_provisions", provisions)):
        if isinstance(items, list):
            assert {f"{name}[{number}]" for number in range(len(items))} <= set(paths)


def test_the_published_files_are_read_without_a_fault(published: Path) -> None:
    for path in sorted(published.glob("*.yaml")):
        assert read_ppa_file(path.read_bytes()).faults == ()
