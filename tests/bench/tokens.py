"""What a service spends on a token that it remembers, and on one that it has never seen."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from libs.chassis.testing import Issuer, claims_of
from libs.tenancy.denials import Denial
from tests.bench.section import Section
from tests.e2e.system import System

DENIED = 1000
TIMES = 5000
MOST_MICROSECONDS = 150


async def measure(_system: System) -> Section:
    """Verify tokens with warm keys while a thousand people are denied."""
    section = Section("Token check", ["token", "microseconds each"])
    issuer = Issuer()
    verifier = issuer.verifier()
    soon = datetime.now(UTC) + timedelta(minutes=10)
    for _ in range(DENIED):
        verifier.denied.deny(
            Denial(issued_before=datetime.now(UTC), expires_at=soon, user_id=uuid4())
        )
    known = issuer.token(claims_of("MOH"))
    new = [issuer.token(claims_of("MOH")) for _ in range(TIMES // 10)]
    await verifier.verify(known)
    began = time.perf_counter()
    for _ in range(TIMES):
        await verifier.verify(known)
    remembered = (time.perf_counter() - began) / TIMES * 1e6
    began = time.perf_counter()
    for token in new:
        await verifier.verify(token)
    first = (time.perf_counter() - began) / len(new) * 1e6
    section.row("remembered, 1,000 denials known", f"{remembered:.1f}")
    section.row("seen for the first time (ES256)", f"{first:.1f}")
    section.goal(
        f"a token check takes at most {MOST_MICROSECONDS} µs, warm",
        met=remembered <= MOST_MICROSECONDS,
        measured=f"{remembered:.1f} µs",
    )
    section.close()
    return section
