"""The lock, cut to what one image needs: nothing without a hash, nothing invented."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import packages_distributions, requires
from threading import Thread

import pytest
from packaging.requirements import Requirement

from deploy.images import health, subset
from deploy.local.provision import SERVICES
from deploy.local.settings import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = (ROOT / "pyproject.toml").read_text()


def test_the_whole_lock_is_read() -> None:
    entries = subset.read_lock(LOCK)
    assert "".join(entries.values()) == LOCK
    assert all("--hash=sha256:" in entry for entry in entries.values())


def test_a_subset_is_the_locks_own_lines() -> None:
    entries = subset.read_lock(LOCK)
    told = subset.subset(entries, ["SQLAlchemy", "pydantic_core"])
    assert told == entries["pydantic-core"] + entries["sqlalchemy"]
    assert all(entry in LOCK for entry in subset.read_lock(told).values())


def test_what_the_lock_lacks_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match=r"lacks left-pad: .*make lock"):
        subset.subset(subset.read_lock(LOCK), ["sqlalchemy", "left_pad"])


def test_constraints_hold_every_version_and_no_hash() -> None:
    entries = subset.read_lock(LOCK)
    lines = subset.constraints(entries).splitlines()
    assert [line.split("==")[0] for line in lines] == list(entries)
    assert not any("hash" in line or line.endswith("\\") for line in lines)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_needs_the_common_part_and_its_extra(service: str) -> None:
    told = tomllib.loads(PROJECT)["project"]
    wanted = subset.requirements(PROJECT, service)
    assert wanted == told["dependencies"] + told["optional-dependencies"][service]
    assert subset.requirements(PROJECT, "") == told["dependencies"]


OURS = {"libs", "services"}
IMPORT = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)


def imported(folder: str) -> set[str]:
    """Return the modules of others that the running code of a folder imports."""
    paths = (path for path in (ROOT / folder).rglob("*.py") if "tests" not in path.parts)
    sources = (path.read_text() for path in paths if path.name != "testing.py")
    return {name for text in sources for name in IMPORT.findall(text)} - sys.stdlib_module_names


def installed(service: str) -> set[str]:
    """Return the distributions in an image: what its extra and libs/ name, and what that needs."""
    waiting = [Requirement(each) for each in subset.requirements(PROJECT, service)]
    found: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        for extra in {"", *wanted.extras}:
            if (key := (subset.normalized(wanted.name), extra)) not in found:
                found.add(key)
                further = (Requirement(each) for each in requires(wanted.name) or ())
                told = {"extra": extra}
                waiting += [one for one in further if not one.marker or one.marker.evaluate(told)]
    return {name for name, _extra in found}


def test_an_image_has_what_its_service_imports() -> None:
    known = packages_distributions()
    common = imported("libs")
    for service in SERVICES:
        inside = installed(service)
        missing = {
            name
            for name in (common | imported(f"services/{service}")) - OURS
            if not inside & {subset.normalized(each) for each in known.get(name, ())}
        }
        assert not missing, f"pyproject.toml: the extra {service} lacks what brings {missing}"


@contextmanager
def answering(status: int) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health/ready"
        server.shutdown()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_a_container_is_well_while_its_process_is_ready(status: int, code: int) -> None:
    with answering(status) as url:
        asked = subprocess.run(
            [sys.executable, "-IS", health.__file__],
            env={**os.environ, "HEALTH_URL": url, "http_proxy": "http://127.0.0.1:1"},
            check=False,
        )
    assert asked.returncode == code


def test_a_silent_process_is_not_well() -> None:
    assert not health.is_ready("http://127.0.0.1:1/health/ready")
