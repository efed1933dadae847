"""Events: frozen, complete, and read back from an envelope or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.outbox.event import from_cloudevent, to_cloudevent
from libs.tests.lending import BookLent

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=5,
)
WHEN = datetime(2026, 3, 31, 9, 30, 0, 125, tzinfo=UTC)


def a_row(**changes: Any) -> Any:
    told: dict[str, Any] = {
        "event_id": uuid4(),
        "subject": "lending.book.lent.v1",
        "aggregate_id": uuid4(),
        "aggregate_version": 2,
        "org_id": uuid4(),
        "actor_id": uuid4(),
        "source_seq": 7,
        "occurred_at": WHEN,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "data": {"copies": 1},
    }
    return SimpleNamespace(**{**told, **changes})


def test_an_event_never_changes_and_takes_nothing_unknown() -> None:
    event = BookLent(book_id=uuid4(), copies=1)
    with pytest.raises(ValidationError):
        event.copies = 2  # type: ignore[misc]
    with pytest.raises(ValidationError):
        BookLent.model_validate({**event.model_dump(), "reader": "Maria"})


def test_an_envelope_has_the_fields_of_cloudevents() -> None:
    row = a_row()
    assert to_cloudevent(row) == {
        "specversion": "1.0",
        "id": str(row.event_id),
        "source": "lending",
        "type": "lending.book.lent.v1",
        "subject": str(row.aggregate_id),
        "time": "2026-03-31T09:30:00.000125+00:00",
        "datacontenttype": "application/json",
        "orgid": str(row.org_id),
        "actorid": str(row.actor_id),
        "sequence": 7,
        "aggregateversion": 2,
        "traceparent": row.traceparent,
        "data": {"copies": 1},
    }


@given(
    st.integers(1, 2**63 - 1),
    st.integers(0, 2**31 - 1),
    st.datetimes(timezones=st.just(UTC)),
    st.dictionaries(st.text(), st.text()),
)
def test_what_was_sent_is_what_is_read(
    number: int, version: int, at: datetime, data: dict[str, str]
) -> None:
    row = a_row(source_seq=number, aggregate_version=version, occurred_at=at, data=data)
    read = from_cloudevent(json.loads(json.dumps(to_cloudevent(row))))
    assert read.data == data
    assert {name: getattr(read.meta, name) for name in vars(row) if name != "data"} == {
        name: value for name, value in vars(row).items() if name != "data"
    }
    assert read.meta.source == "lending"


def test_an_envelope_without_a_trace_is_one() -> None:
    envelope = to_cloudevent(a_row())
    del envelope["traceparent"]
    assert from_cloudevent(envelope).meta.traceparent == ""


@given(JSON)
def test_anything_else_is_refused(envelope: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_cloudevent(envelope)


ENVELOPE = to_cloudevent(a_row())
NEEDED = sorted({*ENVELOPE} - {"specversion", "datacontenttype", "traceparent"})


@pytest.mark.parametrize("field", NEEDED)
@given(value=JSON)
def test_a_wrong_field_is_refused_or_harmless(field: str, value: Any) -> None:
    missing = {name: told for name, told in ENVELOPE.items() if name != field}
    with pytest.raises(ValueError, match=r"\w"):
        from_cloudevent(missing)
    try:
        read = from_cloudevent({**ENVELOPE, field: value})
    except ValueError:
        return
    assert read.meta.occurred_at.tzinfo is not None
    assert 0 < read.meta.source_seq < 2**63


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sequence", 0),
        ("sequence", 2**63),
        ("sequence", float("inf")),
        ("aggregateversion", 2**31),
        ("time", "2026-03-31T09:30:00"),
        ("id", 7),
        ("data", []),
        ("data", "copies"),
    ],
)
def test_a_value_that_no_database_holds_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_cloudevent({**ENVELOPE, field: value})
