"""oidcc-formpost-basic-certification-test-plan: the modules of the basic plan, by form post."""

from __future__ import annotations

import pytest

from services.identity.tests.conformance.test_oidcc_basic import *  # noqa: F403 (the same modules)
from services.identity.tests.relying_party import RelyingParty


@pytest.fixture
def response_mode() -> str:
    return "form_post"


async def test_the_page_runs_one_script_and_posts_to_one_place(rp: RelyingParty) -> None:
    answer = await rp.authorize(state='"><script>alert(1)</script>')
    policy = answer.headers["content-security-policy"]
    assert "form-action https://rp.example;" in f"{policy};"
    assert "script-src 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.text.count("<script>") == 1
    assert rp.came_back(answer)["state"] == '"><script>alert(1)</script>'
