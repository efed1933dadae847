"""Everything that runs in a stack: how each program is started, and when it counts as ready."""

from __future__ import annotations

import signal
import sys

from deploy.local import nats
from deploy.local.passwords import Passwords
from deploy.local.placement import place
from deploy.local.postgres import Cluster
from deploy.local.probes import answers, succeeds
from deploy.local.process import Program
from deploy.local.provision import SERVICES
from deploy.local.settings import (
    ROOT,
    LocalSettings,
    inherited_environment,
    service_environment,
)

GATEWAY_FOLDER = ROOT / "deploy" / "gateway"


def cluster(settings: LocalSettings, passwords: Passwords) -> Cluster:
    """Return the PostgreSQL cluster of this state folder."""
    return Cluster(place(settings.home), settings.ports.postgres, passwords.postgres_admin)


def postgres(settings: LocalSettings, server: Cluster) -> Program:
    """Return the database server; SIGINT is its fast shutdown, which waits for no client."""
    return Program(
        name="postgres",
        port=server.port,
        command=server.command(),
        ready=succeeds(server.probe(), server.run_as()),
        environment={"PATH": "/usr/bin:/bin"},
        run_as=server.run_as(),
        stop_signal=signal.SIGINT,
        advice=_reset(settings),
    )


def nats_server(settings: LocalSettings, passwords: Passwords) -> Program:
    """Return the event bus; ready when its log of streams is open."""
    configuration = nats.write_configuration(settings.home, settings.ports, passwords.nats)
    return Program(
        name="nats",
        port=settings.ports.nats,
        command=[str(settings.programs("nats-server")), "-c", str(configuration)],
        ready=answers(settings.ports.nats_monitoring, "/healthz?js-enabled-only=true"),
        advice=_reset(settings),
    )


def app(settings: LocalSettings, passwords: Passwords, service: str) -> Program:
    """Return the process of a service that answers HTTP."""
    port = settings.ports.app(service)
    return Program(
        name=service,
        port=port,
        command=[
            *(sys.executable, "-m", "uvicorn", "--factory", f"services.{service}.app:create_app"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--no-server-header"),
            *("--timeout-graceful-shutdown", "5"),
        ],
        ready=answers(port, f"/api/v1/{service}/health/ready"),
        environment=inherited_environment()
        | service_environment(settings, passwords, service, "app"),
    )


def worker(settings: LocalSettings, passwords: Passwords, service: str) -> Program:
    """Return the process of a service that relays its events and applies those of others."""
    port = settings.ports.worker(service)
    return Program(
        name=f"{service}-worker",
        port=port,
        command=[sys.executable, "-m", f"services.{service}.worker"],
        ready=answers(port, "/health/ready"),
        environment=inherited_environment()
        | service_environment(settings, passwords, service, "worker"),
    )


def gateway(settings: LocalSettings) -> Program:
    """Return the gateway; its whole behaviour is in the Caddyfile, told these addresses."""
    return Program(
        name="gateway",
        port=settings.ports.gateway,
        command=[
            *(str(settings.programs("caddy")), "run", "--adapter", "caddyfile"),
            *("--config", str(GATEWAY_FOLDER / "Caddyfile")),
        ],
        ready=answers(settings.ports.gateway, "/api/openapi.json"),
        environment=gateway_environment(settings),
    )


def gateway_environment(settings: LocalSettings) -> dict[str, str]:
    """Return what the Caddyfile asks of its environment."""
    upstreams = {
        f"{service.upper()}_UPSTREAM": f"127.0.0.1:{settings.ports.app(service)}"
        for service in SERVICES
    }
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(settings.home / "gateway"),
        "XDG_DATA_HOME": str(settings.home / "gateway"),
        "XDG_CONFIG_HOME": str(settings.home / "gateway"),
        "GATEWAY_ADDRESS": f"http://:{settings.ports.gateway}",
        "GATEWAY_BIND": settings.bind,
        "GATEWAY_ADMIN": f"127.0.0.1:{settings.ports.caddy_admin}",
        "GATEWAY_SITE": str(GATEWAY_FOLDER / "site"),
        "GATEWAY_OPENAPI": str(settings.home / "gateway"),
        **settings.mode.environment(),
        **upstreams,
    }


def _reset(settings: LocalSettings) -> str:
    """Say what helps when a state folder is damaged."""
    return f"; if its data is damaged, `rm -rf {settings.home}` is a full reset"
