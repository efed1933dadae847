"""What waves announce."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class WaveState(Event):
    """The public state of a wave; not an event by itself."""

    id: UUID
    number: int
    name: str
    status: str
    planned_from: date
    planned_until: date
    started_on: date | None
    ended_on: date | None


class WaveStarted(WaveState):
    """A wave began; its organizations are being brought in."""

    subject: ClassVar[str] = "identity.wave.started.v1"


class WavePaused(WaveState):
    """A wave holds on; nothing goes live meanwhile."""

    subject: ClassVar[str] = "identity.wave.paused.v1"


class WaveResumed(WaveState):
    """A wave goes on."""

    subject: ClassVar[str] = "identity.wave.resumed.v1"


class WaveCompleted(WaveState):
    """Every organization of a wave is brought in; the next waves may start."""

    subject: ClassVar[str] = "identity.wave.completed.v1"


class WaveCancelled(WaveState):
    """A wave ended early; its organizations are free for another one."""

    subject: ClassVar[str] = "identity.wave.cancelled.v1"


class OnboardingStatusChanged(Event):
    """An organization took a step of its onboarding, or is ready for more."""

    subject: ClassVar[str] = "identity.onboarding.status_changed.v1"

    id: UUID
    wave_id: UUID
    organization_id: UUID
    status: str
    is_standing: bool
    readiness: int
