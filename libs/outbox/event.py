"""Event: what happened, with the public state of its aggregate after it (CloudEvents 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

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
    source_seq: int
    subject: str
    org_id: UUID
    actor_id: UUID
    aggregate_id: UUID
    aggregate_version: int
    occurred_at: datetime
    traceparent: str


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


def from_cloudevent(envelope: dict[str, Any]) -> ReceivedEvent:
    """Read an envelope; raises KeyError, TypeError or ValueError when it is not one of ours."""
    return ReceivedEvent(
        EventMeta(
            event_id=UUID(envelope["id"]),
            source=str(envelope["source"]),
            source_seq=int(envelope["sequence"]),
            subject=str(envelope["type"]),
            org_id=UUID(envelope["orgid"]),
            actor_id=UUID(envelope["actorid"]),
            aggregate_id=UUID(envelope["subject"]),
            aggregate_version=int(envelope["aggregateversion"]),
            occurred_at=datetime.fromisoformat(envelope["time"]),
            traceparent=str(envelope.get("traceparent", "")),
        ),
        dict(envelope["data"]),
    )
