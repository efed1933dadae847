"""One tenant or all: the gateway and the sign-in change, the services do not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.trouble import CannotStart
from tests.e2e.system import ROOT, System, local_stack

PLANS = "/api/v1/planning/strategic-plans"


@pytest.fixture(scope="module")
def obcms(request: pytest.FixtureRequest) -> Iterator[System]:
    if request.config.getoption("--stack") != "local":
        pytest.skip("starts an embedded stack of its own")
    with local_stack(BMMS_MODE="obcms") as running:
        yield running


def test_in_obcms_a_path_without_organization_is_oobc(obcms: System) -> None:
    staff = obcms.person("staff", "OOBC")
    assert staff.get(PLANS).status_code == 200
    assert staff.get(staff.at("planning/strategic-plans")).status_code == 200
    assert staff.get("/api/v1/moa/MOH/planning/strategic-plans").status_code == 403


def test_in_obcms_nobody_else_signs_in(obcms: System) -> None:
    with pytest.raises(CannotStart, match="serves one organization"):
        obcms.person("staff", "MOH")


def test_in_bmms_a_path_without_organization_redirects_for_a_while(system: System) -> None:
    with httpx.Client(base_url=system.url, trust_env=False) as visitor:
        read = visitor.get(PLANS, params={"status": "active"})
        assert read.status_code == 301
        assert read.headers["location"].endswith(
            "/api/v1/moa/OOBC/planning/strategic-plans?status=active"
        )
        assert read.headers["cache-control"] == "max-age=300"
        assert visitor.post(PLANS, json={}).status_code == 308
        page = visitor.get("/planning/strategic/")
        assert page.status_code == 301
        assert page.headers["location"].endswith("/moa/OOBC/planning/strategic/")


@pytest.mark.parametrize(
    ("settings", "pair"),
    [
        ({"BMMS_MODE": "bmms", "ENABLE_MULTI_TENANT": "0"}, ("BMMS_MODE", "ENABLE_MULTI_TENANT")),
        (
            {"BMMS_MODE": "obcms", "ALLOW_ORGANIZATION_SWITCHING": "1"},
            ("BMMS_MODE", "ALLOW_ORGANIZATION_SWITCHING"),
        ),
    ],
)
def test_contradictory_settings_stop_the_start_in_one_line(
    settings: dict[str, str], pair: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    env = {**os.environ, **settings, "BMMS_HOME": str(tmp_path_factory.mktemp("never") / "home")}
    started = subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "up"],
        cwd=ROOT,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert started.returncode == 78
    assert len(started.stderr.strip().splitlines()) == 1
    assert all(name in started.stderr for name in pair)
