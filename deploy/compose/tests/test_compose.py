"""The Compose file against what the embedded stack tells its processes: no more, no less."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.compose.init import COMPOSE, FOLDER, PASSWORD, asked_for, write_passwords
from deploy.local.nats import LOGINS, permissions
from deploy.local.passwords import SEALERS, keep_passwords
from deploy.local.provision import SERVICES, login_roles
from deploy.local.settings import LocalSettings, read_settings, service_environment
from libs.chassis.sealing import Sealer

JOBS = {"prepare", "seed", "ocm-rebuild", *(f"{service}-migrate" for service in SERVICES)}
PARTS = {"postgres", "nats", "gateway"}
PROCESSES = {*SERVICES, *(f"{service}-worker" for service in SERVICES)}
# What the image itself reads, and uvicorn; the embedded stack gives the same as arguments.
OF_IMAGES = {"HEALTH_URL", "FORWARDED_ALLOW_IPS"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    declared: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return declared


@pytest.fixture
def local(tmp_path: Path) -> LocalSettings:
    return read_settings({"BMMS_HOME": str(tmp_path)})


def passwords_of(service: dict[str, Any]) -> set[str]:
    return set(PASSWORD.findall(json.dumps(service.get("environment", {}))))


def test_it_starts_what_the_embedded_stack_starts_and_what_prepares_it(services: Any) -> None:
    assert set(services) == JOBS | PARTS | PROCESSES


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_process_is_told_what_the_embedded_stack_tells_it(
    services: Any, local: LocalSettings, service: str, role: str
) -> None:
    name = service if role == "app" else f"{service}-worker"
    told = set(services[name]["environment"]) - OF_IMAGES
    wanted = set(service_environment(local, keep_passwords(local.home), service, role))
    # The mode is identity's and the gateway's business; the state folder is the seed's.
    wanted -= {"BMMS_HOME", *(local.mode.environment() if service != "identity" else ())}
    assert told == wanted


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_logs_in_as_the_embedded_stack_does(
    services: Any, local: LocalSettings, service: str
) -> None:
    known = service_environment(local, keep_passwords(local.home), service, "command")
    own = (service, f"{service}-worker", f"{service}-migrate", f"{service}-rebuild")
    for name in (name for name in own if name in services):
        for variable, value in services[name]["environment"].items():
            if variable.endswith("_DATABASE_URL"):
                wanted, found = urlsplit(known[variable]), urlsplit(value)
                assert (found.scheme, found.username, found.path) == (
                    wanted.scheme,
                    wanted.username,
                    wanted.path,
                )
                assert PASSWORD.findall(value) == [f"{wanted.username}_PASSWORD".upper()]


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_told_a_password_of_somebody_else(services: Any, service: str) -> None:
    own = {f"{role.upper()}_PASSWORD" for role in login_roles(service)}
    migrator, bus = f"{service.upper()}_MIGRATOR_PASSWORD", f"{service.upper()}_NATS_PASSWORD"
    sealing = {f"{service.upper()}_SEALING_KEY"}
    listening = {f"{service.upper()}_APP_NATS_PASSWORD"} - {"IDENTITY_APP_NATS_PASSWORD"}
    app = passwords_of(services[service]) - sealing
    assert listening <= app
    assert len(app - listening) == 1
    assert app - listening < own - {migrator}
    assert passwords_of(services[f"{service}-worker"]) - sealing <= (own | {bus}) - {migrator}
    assert passwords_of(services[f"{service}-migrate"]) == {migrator}


def test_the_administrators_password_is_for_the_database_and_its_preparation(services: Any) -> None:
    holders = {name for name in services if "BMMS_ADMIN_PASSWORD" in passwords_of(services[name])}
    assert holders == {"postgres", "prepare"}


def test_every_container_is_closed_in(services: Any) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["restart"] == ("no" if name in JOBS else "unless-stopped"), name


def test_only_the_gateway_is_reachable_and_only_from_this_machine(services: Any) -> None:
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert published == {"gateway": ["127.0.0.1:${BMMS_PORT:-8080}:8080"]}
    networks = yaml.safe_load(COMPOSE.read_text())["networks"]
    inside = {name for name, network in networks.items() if network.get("internal")}
    for name, service in services.items():
        wanted = {"edge", "data", "bus"} - ({"bus"} if name == "identity" else set())
        wanted = wanted if name in SERVICES else set()
        assert set(service["networks"]) == (wanted or set(service["networks"])), name
        assert name == "gateway" or set(service["networks"]) & inside, name


def test_passwords_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("BMMS_ADMIN_PASSWORD=kept\nBMMS_PORT=9080\n")
    wanted = asked_for(COMPOSE.read_text())
    assert write_passwords(path) == len(wanted) - 1
    made = path.read_text()
    assert made.startswith("BMMS_ADMIN_PASSWORD=kept\nBMMS_PORT=9080\n")
    assert path.stat().st_mode & 0o777 == 0o600
    told = dict(line.split("=", 1) for line in made.splitlines())
    assert set(told) == {*wanted, "BMMS_PORT"}
    assert len({told[name] for name in wanted}) == len(wanted)
    key = told["IDENTITY_SEALING_KEY"]
    assert Sealer(key).unseal(Sealer(key).seal(b"kept", place="here"), place="here") == b"kept"
    passwords = [told[name] for name in wanted if told[name] not in ("kept", key)]
    assert all(re.fullmatch(r"[A-Za-z]{40}", password) for password in passwords)
    assert write_passwords(path) == 0
    assert path.read_text() == made


def test_every_role_and_every_account_of_the_bus_has_a_password() -> None:
    roles = {f"{role.upper()}_PASSWORD" for service in SERVICES for role in login_roles(service)}
    bus = {f"{login.upper()}_NATS_PASSWORD" for login in LOGINS}
    sealing = {f"{service.upper()}_SEALING_KEY" for service in SEALERS}
    asked = set(asked_for(COMPOSE.read_text()))
    assert asked == {"BMMS_ADMIN_PASSWORD", *roles, *bus, *sealing}


def test_the_bus_gives_the_rights_of_the_embedded_one(local: LocalSettings, tmp_path: Path) -> None:
    configuration = FOLDER / "nats-server.conf"
    text = configuration.read_text()
    accounts = text[text.index("users = [") + len("users = ") : text.rindex("]") + 1]
    quoted = re.sub(r"\$(\w+_PASSWORD)\b", r'"\1"', accounts)
    assert json.loads(re.sub(r"\}(\s*)\{", r"},\1{", quoted)) == [
        {
            "user": login,
            "password": f"{login.upper()}_NATS_PASSWORD",
            "permissions": permissions(login),
        }
        for login in LOGINS
    ]
    passwords = dict.fromkeys(PASSWORD.findall(COMPOSE.read_text()), "letters")
    checked = subprocess.run(
        [local.programs("nats-server"), "-t", "-c", configuration],
        env=passwords,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
