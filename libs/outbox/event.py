"""Event: what happened, with the public state of its aggregate after it (CloudEvents 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

CONTENT_TYPE = "application/cloudevents+json"


class Event(BaseModel):
    """Base of every event class; `subject` is `<service>.<noun>.<past>.v<n>`.

    Its fields are the event's `data`. They carry the public state of the aggregate, so that a
    consumer never asks back, and never personal data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    subject: ClassVar[str]


@dataclass(frozen=True, slots=True)
class EventMeta:
    """The envelope of a received event, without its data."""

    event_id: UUID
    source: str
    source_seq: Annotated[int, Field(ge=1, lt=1 << 63)]
    subject: str
    org_id: UUID
    actor_id: UUID
    aggregate_id: UUID
    aggregate_version: Annotated[int, Field(ge=0, lt=1 << 31)]
    occurred_at: AwareDatetime
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An envelope with its data, as it left the source's outbox."""

    meta: EventMeta
    data: dict[str, Any]


def to_cloudevent(row: Any) -> dict[str, Any]:
    """Return the CloudEvents JSON of a numbered outbox row."""
    return {
        "specversion": "1.0",
        "id": str(row.event_id),
        "source": row.subject.split(".", 1)[0],
        "type": row.subject,
        "subject": str(row.aggregate_id),
        "time": row.occurred_at.isoformat(),
        "datacontenttype": "application/json",
        "orgid": str(row.org_id),
        "actorid": str(row.actor_id),
        "sequence": row.source_seq,
        "aggregateversion": row.aggregate_version,
        "traceparent": row.traceparent,
        "data": row.data,
    }


def from_cloudevent(envelope: Any) -> ReceivedEvent:
    """Read an envelope; raises ValueError when it is not one of ours."""
    if not isinstance(envelope, dict) or not isinstance(envelope.get("data"), dict):
        raise ValueError("an event is an object with data")  # noqa: TRY004 (one kind for all)
    meta = {ours: envelope[theirs] for ours, theirs in _NAMES.items() if theirs in envelope}
    return ReceivedEvent(_META.validate_python(meta), envelope["data"])


_META = TypeAdapter(EventMeta)
_NAMES = {
    "event_id": "id",
    "source": "source",
    "source_seq": "sequence",
    "subject": "type",
    "org_id": "orgid",
    "actor_id": "actorid",
    "aggregate_id": "subject",
    "aggregate_version": "aggregateversion",
    "occurred_at": "time",
    "traceparent": "traceparent",
}
