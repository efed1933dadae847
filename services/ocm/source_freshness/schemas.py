"""How a source's freshness is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import ReadShape
from services.ocm.source_freshness.model import Freshness


class SourceRead(ReadShape):
    source: Annotated[str, Field(description="The context whose events are counted.")]
    applied_seq: Annotated[int, Field(description="Its events up to this number are applied.")]
    head_seq: Annotated[int, Field(description="The number of its last event when last asked.")]
    lag_seconds: Annotated[
        int | None, Field(description="Seconds since all it had announced was known here.")
    ]
    confirmed_at: Annotated[
        datetime | None, Field(description="All that happened up to then is counted.")
    ]
    status: Annotated[Freshness, Field(description="`stale` when older than 30 minutes.")]
