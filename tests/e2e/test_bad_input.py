"""What is wrong gets a clear answer through the gateway, and leaves no trace."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.system import System, Visitor
from tests.e2e.test_planning_journey import PLAN


@pytest.fixture(scope="module")
def staff(system: System) -> Visitor:
    return system.person("staff", "MAFAR")


@pytest.fixture(autouse=True)
def nothing_is_left_behind(staff: Visitor) -> Iterator[None]:
    counts = {"count": "exact"}
    before = staff.get(staff.at("planning/strategic-plans"), params=counts).json()["total"]
    yield
    after = staff.get(staff.at("planning/strategic-plans"), params=counts).json()["total"]
    assert after == before


def part(raw: str, position: int) -> dict[str, Any]:
    text = raw.split(".")[position]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged(raw: str) -> dict[str, str]:
    """Return tokens that an attacker can make of a good one."""
    header, claims = part(raw, 0), part(raw, 1)
    signature = raw.split(".")[2]
    admin = {**claims, "permissions": ["*.*.*"]}
    none = {**header, "alg": "none"}
    return {
        "alg none": f"{encoded(none)}.{encoded(claims)}.",
        "alg none with the old signature": f"{encoded(none)}.{encoded(claims)}.{signature}",
        "no signature": f"{encoded(header)}.{encoded(claims)}.",
        "more rights": f"{encoded(header)}.{encoded(admin)}.{signature}",
        "another type": f"{encoded({**header, 'typ': 'JWT'})}.{encoded(claims)}.{signature}",
        "unknown key": f"{encoded({**header, 'kid': 'mine'})}.{encoded(claims)}.{signature}",
        "not a token": "secret",
    }


def test_forged_tokens_are_401_everywhere(system: System, staff: Visitor) -> None:
    raw = staff.headers["Authorization"].removeprefix("Bearer ")
    paths = [
        staff.at(path)
        for path in ("planning/strategic-plans", "budgeting/proposals", "mana/assessments")
    ]
    paths += [staff.at("coordination/inter-moa-partnerships"), "/api/v1/ocm/overview"]
    paths += ["/api/v1/identity/me"]
    for name, token in forged(raw).items():
        for path in paths:
            answer = staff.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, f"{name} at {path}: {answer.text}"
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        # One byte too many: of a longer body the rest may still be on its way when the gateway
        # has answered and hangs up.
        (b'{"title": "' + b"x" * ((1 << 20) - 12) + b'"}', 413),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 422),
        (b"[" * 100_000, 422),
        (b'{"title": "a\\u0000b"}', 422),
        (b'{"title": ', 422),
        (b"\xff\xfe\x00", 422),
        (b"", 422),
        (json.dumps([PLAN]).encode(), 422),
        (json.dumps({**PLAN, "colour": "green"}).encode(), 422),
        (json.dumps({**PLAN, "start_year": 2025.5}).encode(), 422),
    ],
)
def test_bodies_that_are_no_plan_are_refused(staff: Visitor, content: bytes, status: int) -> None:
    answer = staff.post(
        staff.at("planning/strategic-plans"),
        content=content,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]


def test_unknown_filters_addresses_and_methods_are_named(staff: Visitor) -> None:
    plans = staff.at("planning/strategic-plans")
    unknown = staff.get(plans, params={"colour": "green"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/query/colour"
    assert staff.get(staff.at("planning/no-such-thing")).status_code == 404
    assert staff.get("/api/v1/nowhere").status_code == 404
    assert staff.put(plans, json=PLAN).status_code == 405


def test_internal_addresses_are_not_routed(staff: Visitor) -> None:
    for path in ("/metrics", "/internal/events", staff.at("planning/metrics")):
        assert staff.get(path).status_code == 404
