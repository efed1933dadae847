import json
from pathlib import Path

import pytest

from deploy.local.passwords import keep_passwords
from deploy.local.ports import Ports, find_free_ports, refuse_busy
from deploy.local.provision import SERVICES
from deploy.local.settings import (
    inherited_environment,
    read_settings,
    running_settings,
    service_environment,
)
from deploy.local.state import forget_state, only_stack, open_home, read_state, write_state
from deploy.local.trouble import CannotStart
from libs.chassis.sealing import Sealer


def test_ports_are_those_of_the_contract() -> None:
    ports = Ports(8080)
    assert [ports.app(service) for service in SERVICES] == list(range(8081, 8087))
    assert [ports.worker(service) for service in SERVICES] == list(range(8091, 8097))
    assert (ports.postgres, ports.nats, ports.nats_monitoring, ports.caddy_admin) == (
        8100,
        8101,
        8102,
        8103,
    )


def test_no_two_programs_share_a_port() -> None:
    assert len(set(Ports(8080).all().values())) == 17


def test_a_busy_port_is_refused_with_its_holder_and_the_way_out() -> None:
    import socket

    ports = find_free_ports()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", ports.nats))
        holder.listen()
        with pytest.raises(CannotStart, match=f"port {ports.nats} .for nats. is taken") as refused:
            refuse_busy(ports)
    assert "BMMS_PORT" in str(refused.value)
    assert "\n" not in str(refused.value)
    refuse_busy(ports)


def test_passwords_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    made = keep_passwords(tmp_path)
    assert keep_passwords(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    every = [*made.postgres.values(), *made.nats.values(), *made.sealing.values()]
    assert len(set(every)) == len(every) == 1 + 6 * 4 + 6 + 5 + 1
    Sealer(made.sealing["identity"])


def test_a_missing_password_is_added_and_the_others_are_kept(tmp_path: Path) -> None:
    made = keep_passwords(tmp_path)
    kept = {"postgres": {**made.postgres}, "nats": {**made.nats}}
    del kept["nats"]["ocm"]
    (tmp_path / "secrets.json").write_text(json.dumps(kept))
    again = keep_passwords(tmp_path)
    assert again.postgres == made.postgres
    assert again.nats["ocm"] not in ("", made.nats["ocm"])


def test_unreadable_secrets_are_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(CannotStart, match="remove the state folder"):
        keep_passwords(tmp_path)


def test_a_process_is_told_its_own_passwords_and_no_others(tmp_path: Path) -> None:
    settings = read_settings({"BMMS_HOME": str(tmp_path)})
    passwords = keep_passwords(tmp_path)
    for service in SERVICES:
        for role in ("app", "worker", "command"):
            told = " ".join(service_environment(settings, passwords, service, role).values())
            for login, password in passwords.postgres.items():
                if not login.startswith(service):
                    assert password not in told


def test_an_app_is_told_neither_of_migrations_nor_of_events(tmp_path: Path) -> None:
    settings = read_settings({"BMMS_HOME": str(tmp_path)})
    told = service_environment(settings, keep_passwords(tmp_path), "planning", "app")
    assert not [name for name in told if "MIGRATION" in name or "RELAY" in name or "NATS" in name]


def test_an_app_hears_of_revocations_with_a_login_of_its_own(tmp_path: Path) -> None:
    settings = read_settings({"BMMS_HOME": str(tmp_path)})
    passwords = keep_passwords(tmp_path)
    told = service_environment(settings, passwords, "planning", "app")
    assert told["PLANNING_FEED_URL"].startswith(
        f"nats://planning_app:{passwords.nats['planning_app']}@"
    )
    assert "IDENTITY_FEED_URL" not in service_environment(settings, passwords, "identity", "app")


def test_the_oversight_app_reads_with_the_read_only_role(tmp_path: Path) -> None:
    settings = read_settings({"BMMS_HOME": str(tmp_path)})
    told = service_environment(settings, keep_passwords(tmp_path), "ocm", "app")
    assert told["OCM_DATABASE_URL"].startswith("postgresql+asyncpg://ocm_ro:")


def test_children_may_keep_their_compiled_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in inherited_environment()


def test_a_command_finds_the_stack_that_runs(tmp_path: Path) -> None:
    told = {"BMMS_PORT": "9080", "BMMS_PUBLIC_URL": "http://localhost:9080", "BMMS_MODE": "obcms"}
    write_state(tmp_path, {"settings": told})
    settings = running_settings({"BMMS_HOME": str(tmp_path), "BMMS_MODE": "bmms"})
    assert settings.ports == Ports(9080)
    assert settings.mode.mode == "obcms"
    forget_state(tmp_path)
    assert read_state(tmp_path) == {}


def test_one_state_folder_has_one_stack(tmp_path: Path) -> None:
    with only_stack(tmp_path), pytest.raises(CannotStart, match="make down"), only_stack(tmp_path):
        pass
    with only_stack(tmp_path):
        pass


def test_the_modes_of_a_folder_that_was_there_are_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    open_home(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_state_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="BMMS_HOME"):
        open_home(tmp_path / "file" / "home")
