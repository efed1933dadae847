"""The names that a service's log has on NATS: its stream, its subjects, its request addresses."""

from __future__ import annotations

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

DUPLICATE_WINDOW_SECONDS = 120
MAX_AGE_SECONDS = 90 * 86_400
MAX_BYTES = 1 << 30
ACK_WAIT_SECONDS = 60
BATCH = 256


def stream_of(service: str) -> str:
    """Return the JetStream stream of a service: one each, in upper case."""
    return service.upper()


def head_address(service: str) -> str:
    """Return where a source tells how far its log has come."""
    return f"outbox.{service}.head"


def after_address(service: str) -> str:
    """Return where a source answers from its outbox with the events after a position."""
    return f"outbox.{service}.after"


def durable_of(consumer: str, source: str) -> str:
    """Return the durable through which one service reads another's log."""
    return f"{consumer}-from-{source}"


async def ensure_stream(jetstream: JetStreamContext, service: str, *, replicas: int = 1) -> None:
    """Create the stream of a service when it is not there.

    A full stream refuses new events loudly (discard new): the outbox holds them meanwhile.
    """
    try:
        await jetstream.stream_info(stream_of(service))
    except NotFoundError:
        await jetstream.add_stream(
            StreamConfig(
                name=stream_of(service),
                subjects=[f"{service}.>"],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                discard=DiscardPolicy.NEW,
                max_age=MAX_AGE_SECONDS,
                max_bytes=MAX_BYTES,
                num_replicas=replicas,
                duplicate_window=DUPLICATE_WINDOW_SECONDS,
            )
        )


def consumer_config(consumer: str, source: str) -> ConsumerConfig:
    """Return how a service reads a source: durable, explicit acknowledgements, no give-up."""
    return ConsumerConfig(
        durable_name=durable_of(consumer, source),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_ack_pending=BATCH,
        max_deliver=-1,
        filter_subject=f"{source}.>",
    )


async def ensure_consumer(jetstream: JetStreamContext, consumer: str, source: str) -> None:
    """Create the durable again when it went with its stream; the outbox fills what it missed."""
    try:
        await jetstream.consumer_info(stream_of(source), durable_of(consumer, source))
    except NotFoundError:
        await ensure_stream(jetstream, source)
        await jetstream.add_consumer(stream_of(source), consumer_config(consumer, source))
