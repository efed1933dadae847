"""Shapes: strict on the way in, complete on the way out, money to the centavo."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from libs.chassis.shapes import (
    DECIMAL_PATTERN,
    MONEY_PATTERN,
    PERCENT_PATTERN,
    ChangeShape,
    Decimal2,
    Money,
    Percent,
    PercentIn,
    ReadShape,
    Remarks,
    Shape,
    Text,
    Title,
)

KINDS = {
    "money": (TypeAdapter(Money), MONEY_PATTERN),
    "decimal": (TypeAdapter(Decimal2), DECIMAL_PATTERN),
    "percent": (TypeAdapter(PercentIn), PERCENT_PATTERN),
}
FLOATS: list[Any] = [1, 1.0, 0, True, None, [], {}, b"1.00"]


class Thing(Shape):
    title: Title
    price_amount: Money


class ThingChange(ChangeShape):
    title: Title = ""
    price_amount: Money | None = None


class ThingRead(ReadShape):
    title: str
    note: str = "none"


def accepts(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_the_pattern_says_is_what_is_accepted(kind: str, data: st.DataObject) -> None:
    adapter, pattern = KINDS[kind]
    inside = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    near = st.text("0123456789.-+eE_ ,\u0663NaIf", max_size=22)
    text = data.draw(inside | near | st.text())
    assert accepts(adapter, text) is bool(re.fullmatch(pattern.strip("^$"), text))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", FLOATS)
def test_a_number_that_is_no_string_is_refused(kind: str, value: Any) -> None:
    assert not accepts(KINDS[kind][0], value)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("0.00", True),
        ("1234.50", True),
        ("9999999999999999.99", True),
        ("10000000000000000.00", False),
        ("1234.5", False),
        ("1234", False),
        ("-1.00", False),
        ("01.00", False),
        ("1,234.00", False),
        ("1.000", False),
        ("1.00\n", False),
        (" 1.00", False),
        ("NaN", False),
        ("Infinity", False),
        ("1e3", False),
        ("\u0663.\u0660\u0660", False),
        ("", False),
    ],
)
def test_money_has_two_places_and_no_sign(text: str, accepted: bool) -> None:
    assert accepts(KINDS["money"][0], text) is accepted


@given(st.integers(0, 10**18 - 1))
def test_money_goes_in_and_out_unchanged(centavos: int) -> None:
    adapter = KINDS["money"][0]
    text = f"{centavos // 100}.{centavos % 100:02}"
    value = adapter.validate_python(text)
    assert value == Decimal(centavos) / 100
    assert adapter.dump_python(value) == value
    assert adapter.dump_python(value, mode="json") == text
    assert json.loads(adapter.dump_json(value)) == text


@pytest.mark.parametrize(
    ("value", "text"), [("0.005", "0.01"), ("0.004", "0.00"), ("72.5", "72.50"), ("-1", "-1.00")]
)
def test_what_goes_out_is_rounded_half_up_to_two_places(value: str, text: str) -> None:
    assert TypeAdapter(Percent).dump_python(Decimal(value), mode="json") == text
    assert TypeAdapter(Money).dump_python(Decimal(value), mode="json") == text


@pytest.mark.parametrize("kind", KINDS)
def test_a_decimal_of_our_own_passes(kind: str) -> None:
    assert KINDS[kind][0].validate_python(Decimal("1.5")) == Decimal("1.5")


@pytest.mark.parametrize("kind", KINDS)
def test_the_description_has_the_pattern_in_both_directions(kind: str) -> None:
    adapter, pattern = KINDS[kind]
    for mode in ("validation", "serialization"):
        schema = adapter.json_schema(mode=mode)
        assert (schema["type"], schema["pattern"]) == ("string", pattern)


def test_an_unknown_field_is_refused_and_text_is_trimmed() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Thing.model_validate({"title": "One", "price_amount": "1.00", "colour": "red"})
    assert Thing.model_validate({"title": " One ", "price_amount": "1.00"}).title == "One"


@pytest.mark.parametrize("title", ["", " ", "\t\n", "x" * 256, 7, None])
def test_a_title_is_not_blank_nor_long(title: Any) -> None:
    assert not accepts(TypeAdapter(Thing), {"title": title, "price_amount": "1.00"})


def test_prose_has_its_bounds() -> None:
    assert accepts(TypeAdapter(Text), "")
    assert accepts(TypeAdapter(Text), "x" * 10_000)
    assert not accepts(TypeAdapter(Text), "x" * 10_001)
    assert accepts(TypeAdapter(Remarks), "Because.")
    assert not accepts(TypeAdapter(Remarks), "  ")
    assert not accepts(TypeAdapter(Remarks), "x" * 2_001)


def test_a_change_holds_what_was_sent_and_nothing_else() -> None:
    assert ThingChange.model_validate({}).changes() == {}
    assert ThingChange.model_validate({"price_amount": None}).changes() == {"price_amount": None}
    told = ThingChange.model_validate({"title": "Two"}).changes()
    assert told == {"title": "Two"}


def test_a_change_is_described_without_defaults() -> None:
    schema = ThingChange.model_json_schema()
    assert not [name for name, field in schema["properties"].items() if "default" in field]
    assert "required" not in schema


def test_every_field_that_is_read_is_always_there() -> None:
    schema = ThingRead.model_json_schema(mode="serialization")
    assert schema["required"] == ["title", "note"]
